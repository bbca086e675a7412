package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.faults.OpenDescriptors;
import dev.lamina.fixtures.model.Features;
import dev.lamina.fixtures.model.LayerStack;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.ops.EndlessScript;
import dev.lamina.fixtures.ops.PathRunner;
import dev.lamina.fixtures.ops.Scripts;
import dev.lamina.fixtures.tree.Detail;
import dev.lamina.fixtures.tree.LowersUnchanged;
import dev.lamina.fixtures.tree.TreeSnapshot;
import dev.lamina.fixtures.tree.TreeSnapshotAssert;
import dev.lamina.overlay.Index;
import dev.lamina.overlay.Metacopies;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.jqwik.api.sessions.JqwikSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Eight threads of random operations on one mount: each on trees of its own, where the model says
 * what comes of every operation, and all in one directory that they share.
 */
@RequiresFuse
final class EnduranceTest {
  private static final Logger LOG = LoggerFactory.getLogger(EnduranceTest.class);
  private static final int THREADS = 8;
  private static final int TREES_EACH = 12;
  private static final long SEED = 2026;

  /** What the root and its server need, whatever was done before. */
  private static final int NODES_AT_REST = 3;

  @Test
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void eightThreadsOnOneMount_findNothingWrongAndLeaveNothing(MountScratch scratch)
      throws Exception {
    run(scratch, Duration.ofSeconds(8));
  }

  @Tag("long")
  @Test
  @Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void eightThreadsOnOneMount_findNothingWrongAndLeaveNothing_long(MountScratch scratch)
      throws Exception {
    run(scratch, Duration.ofMinutes(5));
  }

  @SuppressWarnings("try") // mounts are used by being there
  private void run(MountScratch scratch, Duration time) throws Exception {
    JqwikSession.start();
    List<LayerStack> stacks = Scripts.stacks(THREADS * TREES_EACH, SEED);
    JqwikSession.finish();
    LayerStack.OnDisk layers = LayerStack.sideBySide(stacks).writeBelow(scratch.root());
    LowersUnchanged lowers = new LowersUnchanged().watchAll(layers.lowers());
    Path mnt = scratch.directory("mnt");
    Path shared = layers.lowers().get(0).resolve("shared");
    Programs.sh(
        "mkdir $1; cd $1; mkdir a; for i in 1 2 3 4; do echo $i >$i; echo a >a/$i; done", shared);
    lowers.watchAll(layers.lowers().subList(0, 1));
    TreeSnapshot left;
    try (Overlay overlay = Overlay.open(options(layers))) {
      WatchedCalls calls = new WatchedCalls(overlay.inodes());
      try (FuseMount mount = FuseMount.of(calls.fileSystem()).on(mnt).mount()) {
        int descriptors = OpenDescriptors.count();
        long count = workAll(stacks, mount.mountPoint(), System.nanoTime() + time.toNanos());
        left = TreeSnapshot.of(mnt, Detail.MERGED_VIEW);
        LOG.info("{} operations, {} nodes before FORGET", count, overlay.nodes());
        awaitForget(mnt, overlay, calls);
        assertThat(overlay.nodes())
            .as("nodes that nobody needs")
            .isLessThanOrEqualTo(NODES_AT_REST);
        assertThat(calls.openHandles()).as("open files").isZero();
        // Some of the JVM's own come and go.
        assertThat(OpenDescriptors.count()).as("descriptors").isLessThan(descriptors + 50);
      }
    }
    lowers.verify();
    try (UnionMount again = UnionMount.of(options(layers), mnt)) {
      TreeSnapshotAssert.assertThat(TreeSnapshot.of(mnt, Detail.MERGED_VIEW))
          .as("after a remount")
          .isSameTreeAs(left);
    }
  }

  private static OverlayOptions options(LayerStack.OnDisk layers) {
    return UnionMount.options(layers).metacopies(Metacopies.ON).index(Index.ON).build();
  }

  private static long workAll(List<LayerStack> stacks, Path mnt, long deadline) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<Long>> working = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        int thread = t;
        working.add(threads.submit(() -> work(thread, stacks, mnt, deadline)));
      }
      long count = 0;
      for (Future<Long> thread : working) {
        count += thread.get();
      }
      return count;
    } finally {
      threads.shutdownNow();
    }
  }

  private static long work(int thread, List<LayerStack> stacks, Path mnt, long deadline)
      throws Exception {
    // What jqwik generates belongs to a thread's session.
    JqwikSession.start();
    List<EndlessScript> scripts = new ArrayList<>();
    long count = 0;
    try (SharedPlace shared = new SharedPlace(mnt.resolve("shared"), SEED + thread)) {
      for (int tree = thread * TREES_EACH; tree < (thread + 1) * TREES_EACH; tree++) {
        PathRunner runner = new PathRunner(mnt.resolve(Integer.toString(tree)));
        scripts.add(new EndlessScript(stacks.get(tree), Features.ALL, runner, SEED * tree));
      }
      for (int turn = 0; System.nanoTime() < deadline; turn++) {
        scripts.get(turn % scripts.size()).goOn();
        count += shared.goOn(20);
      }
    } finally {
      for (EndlessScript script : scripts) {
        count += script.count();
        script.close();
      }
      JqwikSession.finish();
    }
    return count;
  }

  /** A remount makes the kernel drop all that nobody uses, and send FORGET for it. */
  private static void awaitForget(Path mnt, Overlay overlay, WatchedCalls calls) throws Exception {
    Programs.sh("mount -i -o remount,rw $1", mnt);
    for (int i = 0; i < 3000; i++) {
      if (overlay.nodes() <= NODES_AT_REST && calls.openHandles() == 0) {
        return;
      }
      Thread.sleep(20);
    }
  }
}
