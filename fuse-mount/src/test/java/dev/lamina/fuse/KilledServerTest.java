package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Maps;
import dev.lamina.fixtures.model.Features;
import dev.lamina.fixtures.model.LayerStack;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.ops.ModelRunner;
import dev.lamina.fixtures.ops.Op;
import dev.lamina.fixtures.ops.Outcome;
import dev.lamina.fixtures.ops.PathRunner;
import dev.lamina.fixtures.ops.Script;
import dev.lamina.fixtures.ops.Scripts;
import dev.lamina.fixtures.tree.Detail;
import dev.lamina.fixtures.tree.Dialect;
import dev.lamina.fixtures.tree.LowersUnchanged;
import dev.lamina.fixtures.tree.TreeSnapshot;
import dev.lamina.linux.Errno;
import dev.lamina.linux.Mounts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/**
 * A real server is killed (SIGKILL) at any moment of its work. The next mount shows all that was
 * acknowledged, and what was under way at that moment done or not done.
 */
@RequiresFuse
@RequiresKernelOverlay
final class KilledServerTest {
  private static final int OPS = 300;
  private static final int MAX_MILLIS = 250;
  private static final int OPS_PER_SYNCED_FILE = 10;
  private static final String SYNCED = "synced-";
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Features FEATURES = Features.ALL;

  @Provide
  Arbitrary<Script> scripts() {
    return Scripts.on(List.of(Dialect.KERNEL), OPS).filter(script -> !script.ops().isEmpty());
  }

  @Property(tries = 4, seed = "2026")
  void serverKilled_losesNothingAcknowledged(
      @ForAll("scripts") Script script, @ForAll @IntRange(max = MAX_MILLIS) int millis)
      throws Exception {
    check(script, millis);
  }

  @Tag("long")
  @Property(tries = 100)
  void serverKilled_losesNothingAcknowledged_long(
      @ForAll("scripts") Script script, @ForAll @IntRange(max = MAX_MILLIS) int millis)
      throws Exception {
    check(script, millis);
  }

  private static void check(Script script, int millis) throws Exception {
    try (MountScratch scratch = MountScratch.create(LIMIT);
        ModelRunner model = new ModelRunner(script.layers(), FEATURES)) {
      LayerStack.OnDisk disk = script.layers().writeBelow(scratch.root());
      LowersUnchanged lowers = new LowersUnchanged().watchAll(disk.lowers());
      Path mountPoint = scratch.directory("merged");
      List<Path> synced = new ArrayList<>();
      Op underWay;
      try (ServerProcess server = ServerProcess.start(disk, mountPoint)) {
        CompletableFuture<Void> death =
            CompletableFuture.runAsync(
                server::close, CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS));
        underWay = runUntilKilled(script, mountPoint, model, synced);
        death.get();
        server.waitFor();
      }
      Mounts.unmount(mountPoint.toString(), Mounts.MNT_DETACH);
      try (UnionMount again = UnionMount.of(disk, FEATURES, mountPoint)) {
        TreeSnapshot found = TreeSnapshot.of(mountPoint, Detail.TWO_RUNS);
        requireOldOrNew(found, model, underWay, script);
        for (Path file : synced) {
          assertThat(file).hasContent(file.getFileName().toString());
        }
        assertThat(again).isNotNull();
      }
      lowers.verify();
    }
  }

  /**
   * Runs the script on the mount and on the model, over and over; the operation that got no answer,
   * or null where it was none of the script's.
   */
  private static Op runUntilKilled(
      Script script, Path mountPoint, ModelRunner model, List<Path> synced) throws IOException {
    try (PathRunner mounted = new PathRunner(mountPoint)) {
      for (int i = 0; ; i++) {
        if (i % OPS_PER_SYNCED_FILE == 0 && !writeSynced(mountPoint.resolve(SYNCED + i), synced)) {
          return null;
        }
        Op op = script.ops().get(i % script.ops().size());
        Outcome outcome = mounted.run(op);
        if (isOfDeadServer(outcome.errno())) {
          return op;
        }
        assertThat(outcome.errno())
            .as("operation %d: %s%n%s", i + 1, op, script)
            .isEqualTo(model.run(op).errno());
      }
    }
  }

  /** The last is what a request gets that was on its way to a ring of the dead (Linux 6.18). */
  private static boolean isOfDeadServer(int errno) {
    return errno == Errno.ENOTCONN || errno == Errno.ECONNABORTED || errno == Errno.ECANCELED;
  }

  /** False when the server is dead, and the file there or not, whole or in part. */
  private static boolean writeSynced(Path file, List<Path> synced) {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      String content = file.getFileName().toString();
      channel.write(ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8)));
      channel.force(true);
    } catch (IOException e) {
      return false;
    }
    synced.add(file);
    return true;
  }

  private static void requireOldOrNew(
      TreeSnapshot found, ModelRunner model, Op underWay, Script script) {
    List<String> changed = differences(found, model.tree());
    if (!changed.isEmpty() && underWay != null) {
      model.run(underWay);
      assertThat(differences(found, model.tree()))
          .as("%s neither done nor not done (%s)%n%s", underWay, changed, script)
          .isEmpty();
    } else {
      assertThat(changed).as("%s", script).isEmpty();
    }
  }

  private static List<String> differences(TreeSnapshot found, TreeSnapshot model) {
    TreeSnapshot ours =
        new TreeSnapshot(
            ImmutableSortedMap.copyOf(
                Maps.filterKeys(found.nodes(), path -> !path.startsWith(SYNCED))));
    return ours.settledAs(model, true).differencesFrom(model);
  }
}
