package dev.lamina.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Killed in the middle of anything, a snapshotter leaves what it has said was done. */
final class KilledSnapshotterTest {
  private static final int KILLS = 12;

  /** Two for each operation. */
  private static final int LINES = 40;

  @TempDir Path scratch;

  /** Names that must be there, by what the processes have said. */
  private final Set<String> there = new HashSet<>();

  @Test
  @Timeout(600)
  void killedAnywhere_leavesAllThatWasDone_andNoGarbage() throws Exception {
    Path root = scratch.resolve("root");
    Random random = new Random(7);
    for (int kill = 0; kill < KILLS; kill++) {
      String last = follow(churn(root, kill, random.nextInt(LINES), random.nextInt(5)));
      try (Snapshots snapshots = Snapshots.open(root, SnapshotOptions.DEFAULT)) {
        check(root, snapshots, last);
      }
    }
  }

  /** Lines of a process that was killed some milliseconds after it had said so many. */
  private List<String> churn(Path root, int seed, int lines, int millis) throws Exception {
    Path out = scratch.resolve("out-" + seed);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--sun-misc-unsafe-memory-access=allow",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                SnapshotChurn.class.getName(),
                root.toString(),
                Integer.toString(seed))
            .redirectError(Redirect.INHERIT)
            .redirectOutput(out.toFile())
            .start();
    try {
      while (Files.readString(out).lines().count() <= lines) {
        assertThat(process.isAlive()).isTrue();
        Thread.sleep(1);
      }
      Thread.sleep(millis);
    } finally {
      process.destroyForcibly().waitFor();
    }
    String said = Files.readString(out);
    // A line that has no end was not said.
    return said.substring(0, said.lastIndexOf('\n')).lines().skip(1).toList();
  }

  /** The operation that had begun and was not done; empty for none. */
  private String follow(List<String> said) {
    String open = "";
    for (String line : said) {
      String[] words = line.split(" ", -1);
      if (words[0].equals("begin")) {
        open = line;
        continue;
      }
      open = "";
      switch (words[1]) {
        case "prepare" -> there.add(words[2]);
        case "commit" -> {
          there.remove(words[2]);
          there.add(words[3]);
        }
        default -> there.remove(words[2]);
      }
    }
    return open;
  }

  private void check(Path root, Snapshots snapshots, String last) throws Exception {
    Set<String> names = new HashSet<>();
    for (SnapshotInfo info : snapshots.list(List.of())) {
      names.add(info.name());
      assertThat(info.labels()).as(info.name()).containsEntry("of", info.name());
      if (info.kind() == Kind.ACTIVE) {
        for (SnapshotMount mount : snapshots.mounts(info.name())) {
          assertThat(directories(mount)).as(info.name()).isNotEmpty().allMatch(Files::isDirectory);
        }
      } else {
        assertThat(snapshots.usage(info.name()).inodes()).isEqualTo(1);
      }
    }
    settle(names, last);
    assertThat(names).as("after \"%s\"", last).isEqualTo(there);
    try (Stream<Path> entries = Files.list(root.resolve("snapshots"))) {
      assertThat(entries).as("directories").hasSize(names.size());
    }
  }

  /** The last operation came to all or to nothing. */
  private void settle(Set<String> names, String last) {
    if (last.isEmpty() || names.equals(there)) {
      return;
    }
    follow(List.of(last.replaceFirst("begin", "done")));
  }

  private static List<Path> directories(SnapshotMount mount) {
    List<Path> paths = new ArrayList<>();
    if (mount.type().equals("bind")) {
      paths.add(Path.of(mount.source()));
    }
    for (String option : mount.options()) {
      String[] words = option.split("=", 2);
      if (words[0].endsWith("dir")) {
        for (String path : words[1].split(":", -1)) {
          paths.add(Path.of(path));
        }
      }
    }
    return paths;
  }
}
