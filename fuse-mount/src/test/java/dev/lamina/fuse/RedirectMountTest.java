package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.KernelOverlay;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Detail;
import dev.lamina.fixtures.tree.LowersUnchanged;
import dev.lamina.fixtures.tree.TreeSnapshot;
import dev.lamina.fixtures.tree.TreeSnapshotAssert;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code mv} of directories of a lower layer on a mount. */
@RequiresFuse
class RedirectMountTest {
  private static final int FILES = 2000;

  @RequiresKernelOverlay
  @Test
  @SuppressWarnings("try") // mounts are used by being there
  void mvOfALargeLowerTree_copiesNothingOfIt(MountScratch scratch) throws Exception {
    Path lower = scratch.directory("lower");
    for (int i = 0; i < FILES; i++) {
      Path directory = Files.createDirectories(lower.resolve("tree/d" + i % 50));
      Files.write(directory.resolve("f" + i), new byte[4096]);
    }
    Files.createDirectory(lower.resolve("into"));
    LowersUnchanged lowers = new LowersUnchanged().watchAll(List.of(lower));
    Path upper = scratch.directory("upper");
    Path work = scratch.directory("work");
    Path target = scratch.directory("target");
    OverlayOptions options = OverlayOptions.builder().addLower(lower).writable(upper, work).build();
    TreeSnapshot left;
    try (Overlay overlay = Overlay.open(options);
        FuseMount mount = TestMounts.of(overlay.inodes()).on(target).mount()) {
      // A shell that stands in the tree, and a file held open, go along.
      String seen =
          Programs.sh(
              "cd \"$1/tree/d7\"; exec 3<f7; mv \"$1/tree\" \"$1/into/tree\"; test -e f57;"
                  + " test ! -e \"$1/tree\"; test -e \"$1/into/tree/d7/f7\"; /bin/pwd",
              target);
      assertThat(seen).isEqualTo(target.resolve("into/tree/d7").toString());
      left = TreeSnapshot.of(target, Detail.MERGED_VIEW);
    }
    try (var entries = Files.walk(upper)) {
      assertThat(entries.map(path -> upper.relativize(path).toString()))
          .containsExactlyInAnyOrder("", "into", "into/tree", "tree");
    }
    lowers.verify();
    try (KernelOverlay kernel =
        KernelOverlay.mount(List.of(lower), upper, work, target, List.of("redirect_dir=on"))) {
      TreeSnapshotAssert.assertThat(TreeSnapshot.of(target, Detail.MERGED_VIEW)).isSameTreeAs(left);
    }
  }
}
