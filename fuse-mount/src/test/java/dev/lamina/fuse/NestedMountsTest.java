package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import dev.lamina.fixtures.model.Features;
import dev.lamina.fixtures.model.LayerStack;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.ops.Oracle;
import dev.lamina.fixtures.tree.Detail;
import dev.lamina.fixtures.tree.Dialect;
import dev.lamina.fixtures.tree.Layer;
import dev.lamina.fixtures.tree.TreeSnapshot;
import dev.lamina.fixtures.tree.TreeSnapshotAssert;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Unions whose layers lie in unions: of Lamina, of kernel overlayfs, and of one in the other. */
@RequiresFuse
@RequiresKernelOverlay
@SuppressWarnings("try") // mounts are used by being there
final class NestedMountsTest {
  private static final LayerStack STACK =
      new LayerStack(
          ImmutableList.of(
              Layer.builder()
                  .whiteout("gone")
                  .whiteout("d/gone")
                  .opaque("replaced")
                  .file("replaced/new", "new")
                  .file("d/top", "top")
                  .xattr("user.a", "b")
                  .build(),
              Layer.builder()
                  .file("gone", "old")
                  .file("d/gone", "old")
                  .file("d/kept", "kept")
                  .owner(5, 6)
                  .file("replaced/old", "old")
                  .symlink("s", "d/kept")
                  .build()),
          Layer.EMPTY,
          // What can be made on a mount of either kind; on disk it ends up escaped.
          Dialect.XATTR_WHITEOUT);

  private enum Kind {
    LAMINA {
      @Override
      AutoCloseable mount(LayerStack.OnDisk layers, Path mountPoint) throws IOException {
        return UnionMount.of(layers, mountPoint);
      }
    },

    KERNEL {
      @Override
      AutoCloseable mount(LayerStack.OnDisk layers, Path mountPoint) throws IOException {
        return Oracle.mount(layers, Features.NONE, mountPoint);
      }
    };

    abstract AutoCloseable mount(LayerStack.OnDisk layers, Path mountPoint) throws IOException;
  }

  private static LayerStack.OnDisk plain(MountScratch scratch, String name) throws IOException {
    LayerStack empty = new LayerStack(ImmutableList.of(Layer.EMPTY), Layer.EMPTY, Dialect.KERNEL);
    return empty.writeBelow(scratch.directory(name));
  }

  @ParameterizedTest
  @CsvSource({"LAMINA, LAMINA", "KERNEL, LAMINA", "LAMINA, KERNEL"})
  void layersInOneUnion_areLowersOfAnother(Kind inner, Kind outer, MountScratch scratch)
      throws Exception {
    LayerStack.OnDisk bare = STACK.writeBelow(scratch.directory("bare"));
    Path host = scratch.directory("host");
    Path merged = scratch.directory("merged");
    Path expected = scratch.directory("expected");
    try (AutoCloseable base = inner.mount(plain(scratch, "base"), host)) {
      LayerStack.OnDisk inside = STACK.writeBelow(Files.createDirectory(host.resolve("layers")));
      LayerStack.OnDisk layers =
          new LayerStack.OnDisk(
              inside.lowers(), scratch.directory("upper"), scratch.directory("work"), false);
      Layer.EMPTY.writeTo(layers.upper(), Dialect.KERNEL);
      try (AutoCloseable top = outer.mount(layers, merged);
          AutoCloseable plain = Oracle.mount(bare, Features.NONE, expected)) {
        TreeSnapshotAssert.assertThat(TreeSnapshot.of(merged, Detail.MERGED_VIEW))
            .isSameTreeAs(TreeSnapshot.of(expected, Detail.MERGED_VIEW));
        for (Path mount : List.of(merged, expected)) {
          Files.writeString(mount.resolve("d/kept"), "changed");
          Files.delete(mount.resolve("d/top"));
          Files.writeString(mount.resolve("gone"), "back");
        }
        TreeSnapshotAssert.assertThat(TreeSnapshot.of(merged, Detail.TWO_RUNS))
            .isSameTreeAs(TreeSnapshot.of(expected, Detail.TWO_RUNS));
      }
    }
  }

  /** Kernel overlayfs refuses an upper on overlayfs, too; neither can be given whiteouts. */
  @ParameterizedTest
  @CsvSource({"LAMINA, LAMINA", "KERNEL, LAMINA", "LAMINA, KERNEL", "KERNEL, KERNEL"})
  void upperInAUnion_isRefused(Kind inner, Kind outer, MountScratch scratch) throws Exception {
    Path host = scratch.directory("host");
    try (AutoCloseable base = inner.mount(plain(scratch, "base"), host)) {
      LayerStack.OnDisk layers =
          new LayerStack.OnDisk(
              List.of(scratch.directory("lower")),
              Files.createDirectory(host.resolve("upper")),
              Files.createDirectory(host.resolve("work")),
              false);
      assertThatThrownBy(() -> outer.mount(layers, scratch.directory("merged")).close())
          .isInstanceOf(IOException.class)
          .hasMessageContaining(
              outer == Kind.LAMINA ? "its filesystem has no whiteouts" : "EINVAL");
    }
  }

  /** fuse-overlayfs #393, #344: hangs. The kernel takes it, and so does Lamina. */
  @Test
  void issue393_issue344_mountPointThatIsALower_works(MountScratch scratch) throws Exception {
    Path lower = scratch.directory("lower");
    Files.writeString(Files.createDirectory(lower.resolve("d")).resolve("f"), "below");
    LayerStack.OnDisk layers =
        new LayerStack.OnDisk(
            List.of(lower), scratch.directory("upper"), scratch.directory("work"), false);
    try (UnionMount mount = UnionMount.of(layers, lower)) {
      assertThat(lower.resolve("d/f")).hasContent("below");
      Files.writeString(lower.resolve("d/f"), "changed");
      Files.writeString(lower.resolve("new"), "new");
      assertThat(lower.toFile().list()).containsExactlyInAnyOrder("d", "new");
    }
    assertThat(lower.resolve("d/f")).hasContent("below");
    assertThat(lower.resolve("new")).doesNotExist();
    assertThat(layers.upper().resolve("d/f")).hasContent("changed");
  }

  /** fuse-overlayfs #324, #425, #478: what a nested opaque directory hid came back. */
  @Test
  void issue324_issue425_issue478_nestedOpaqueDirectories_hideWhatIsBelow(MountScratch scratch)
      throws Exception {
    LayerStack stack =
        new LayerStack(
            ImmutableList.of(
                Layer.builder().opaque("a/b").file("a/b/top", "1").opaque("a/b/c").build(),
                Layer.builder().opaque("a").file("a/b/c/middle", "2").file("a/m", "2").build(),
                Layer.builder().file("a/b/c/bottom", "3").file("a/low", "3").build()),
            Layer.EMPTY,
            Dialect.AUFS);
    LayerStack.OnDisk layers = stack.writeBelow(scratch.directory("layers"));
    Path mnt = scratch.directory("mnt");
    for (int round = 0; round < 2; round++) {
      try (UnionMount mount = UnionMount.of(layers, mnt)) {
        assertThat(mnt.resolve("a").toFile().list()).containsExactlyInAnyOrder("b", "m");
        if (round == 0) {
          assertThat(mnt.resolve("a/b").toFile().list()).containsExactlyInAnyOrder("c", "top");
          assertThat(mnt.resolve("a/b/c")).isEmptyDirectory();
          Files.delete(mnt.resolve("a/b/c"));
          Files.delete(mnt.resolve("a/b/top"));
          Files.delete(mnt.resolve("a/b"));
          Files.createDirectory(mnt.resolve("a/b"));
        }
        Files.createDirectories(mnt.resolve("a/b/c"));
        assertThat(mnt.resolve("a/b/c")).isEmptyDirectory();
      }
    }
  }

  /** fuse-overlayfs #444: EEXIST where a whiteout was. */
  @Test
  void issue444_everyKindOfObject_isMadeWhereAWhiteoutWas(MountScratch scratch) throws Exception {
    LayerStack stack =
        new LayerStack(
            ImmutableList.of(
                Layer.builder().whiteout("a").whiteout("b").whiteout("c").build(),
                Layer.builder().file("a", "1").dir("b").file("b/f", "1").file("c", "1").build()),
            Layer.EMPTY,
            Dialect.AUFS);
    Path mnt = scratch.directory("mnt");
    try (UnionMount mount = UnionMount.of(stack.writeBelow(scratch.directory("l")), mnt)) {
      for (int again = 0; again < 2; again++) {
        Files.createDirectory(mnt.resolve("a"));
        Files.createFile(mnt.resolve("b"));
        Files.createSymbolicLink(mnt.resolve("c"), Path.of("b"));
        assertThat(mnt.resolve("a")).isEmptyDirectory();
        for (String name : List.of("a", "b", "c")) {
          Files.delete(mnt.resolve(name));
        }
      }
      assertThat(mnt).isEmptyDirectory();
    }
  }
}
