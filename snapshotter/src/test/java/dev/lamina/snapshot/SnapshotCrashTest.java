package dev.lamina.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.faults.Fault;
import dev.lamina.fixtures.faults.FaultPlan;
import dev.lamina.fixtures.faults.Killed;
import dev.lamina.fixtures.faults.SystemCall;
import dev.lamina.fixtures.faults.TestedProcess;
import dev.lamina.linux.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each operation, killed before each system call that changes a directory, and failing there. */
@Timeout(600)
final class SnapshotCrashTest {
  @TempDir Path scratch;
  private int roots;

  private interface Work {
    void run(Snapshots snapshots) throws Exception;
  }

  @Test
  void prepare() throws Exception {
    breakAtEachStep(snapshots -> snapshots.prepare("new", "layer", Map.of("a", "b")));
  }

  @Test
  void view() throws Exception {
    breakAtEachStep(snapshots -> snapshots.view("new", "layer", Map.of("a", "b")));
  }

  @Test
  void commit() throws Exception {
    breakAtEachStep(snapshots -> snapshots.commit("new", "active", Map.of("a", "b")));
  }

  @Test
  void remove() throws Exception {
    breakAtEachStep(snapshots -> snapshots.remove("active"));
  }

  @Test
  void cleanup() throws Exception {
    breakAtEachStep(Snapshots::cleanup);
  }

  private void breakAtEachStep(Work work) throws Exception {
    List<SystemCall> trace = attempt(work, FaultPlan.NONE, "nothing");
    int[] writes = IntStream.range(0, trace.size()).filter(n -> trace.get(n).writes()).toArray();
    assertThat(writes).isNotEmpty();
    for (int n : writes) {
      attempt(work, FaultPlan.only(n, new Fault.Death()), "death before " + trace.get(n));
      attempt(work, FaultPlan.only(n, new Fault.Fail(Errno.ENOSPC)), "no space in " + trace.get(n));
    }
  }

  private List<SystemCall> attempt(Work work, FaultPlan plan, String what) throws Exception {
    Path root = scratch.resolve("root-" + roots++);
    Map<String, Kind> before;
    Map<String, Kind> after;
    List<SystemCall> trace;
    try (TestedProcess process = new TestedProcess(false)) {
      process.follow(FaultPlan.QUICK_SYNCS);
      Snapshots snapshots = process.run(() -> begin(root));
      before = kinds(snapshots);
      process.follow(plan.or(FaultPlan.QUICK_SYNCS));
      try {
        process.run(
            () -> {
              work.run(snapshots);
              return null;
            });
      } catch (Killed e) {
        assertThat(process.isDead()).isTrue();
      } catch (IOException | SnapshotException e) {
        assertThat(process.isDead()).as(what + ": " + e).isFalse();
      }
      trace = process.trace();
    }
    try (Snapshots snapshots = Snapshots.open(root, SnapshotOptions.DEFAULT)) {
      after = kinds(snapshots);
      assertThat(directories(root)).as(what).hasSize(after.size());
      for (Map.Entry<String, Kind> entry : after.entrySet()) {
        if (entry.getValue() != Kind.COMMITTED) {
          snapshots.mounts(entry.getKey());
        }
      }
      // All of it or nothing: so it can be done now, or was done.
      if (after.equals(before)) {
        work.run(snapshots);
      }
    }
    return trace;
  }

  /** Two layers, something written on top of them, and garbage. */
  private static Snapshots begin(Path root) throws Exception {
    Snapshots snapshots = Snapshots.open(root, SnapshotOptions.DEFAULT);
    snapshots.prepare("key", "", Map.of());
    snapshots.commit("base", "key", Map.of());
    snapshots.prepare("key", "base", Map.of());
    snapshots.commit("layer", "key", Map.of());
    snapshots.prepare("active", "layer", Map.of());
    Path upper = root.resolve("snapshots/3/fs");
    Files.createDirectories(upper.resolve("a/b"));
    Files.writeString(upper.resolve("a/b/file"), "content");
    Files.createDirectories(root.resolve("snapshots/99/fs/garbage"));
    return snapshots;
  }

  private static Map<String, Kind> kinds(Snapshots snapshots) throws Exception {
    Map<String, Kind> kinds = new TreeMap<>();
    snapshots.list(List.of()).forEach(info -> kinds.put(info.name(), info.kind()));
    return kinds;
  }

  private static List<Path> directories(Path root) throws IOException {
    try (Stream<Path> entries = Files.list(root.resolve("snapshots"))) {
      return entries.toList();
    }
  }
}
