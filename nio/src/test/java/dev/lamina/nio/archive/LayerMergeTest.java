package dev.lamina.nio.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageSources;
import dev.lamina.image.Platform;
import dev.lamina.layer.UnpackLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives made to do harm, and what else needs no file system. */
final class LayerMergeTest {
  private static final long PLENTY = 1 << 30;

  @TempDir Path directory;

  private ImageTree read(ImageBuilder image, long memory) throws IOException {
    Path oci = image.writeOci(directory.resolve("oci"), "v1");
    try (ImageSource source = ImageSources.open("oci:" + oci, Platform.host())) {
      return ImageTree.read(source, UnpackLimits.DEFAULT, memory);
    }
  }

  private void assertRefused(TarBuilder layer, String why) {
    assertThatThrownBy(() -> read(new ImageBuilder().layer(layer), PLENTY))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining(why);
  }

  @Test
  void attributes_takeNoMoreMemoryThanAllowed() {
    TarBuilder layer = new TarBuilder();
    for (int i = 0; i < 50; i++) {
      layer.file("f" + i, "").xattr("user.x", new byte[10_000]);
    }
    assertThatThrownBy(() -> read(new ImageBuilder().layer(layer), 400_000))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("memory");
  }

  @Test
  void entries_thatNoLayerMayHold() {
    assertRefused(new TarBuilder().file("../out", ""), "..");
    assertRefused(new TarBuilder().symlink("/", "etc"), "root");
    assertRefused(new TarBuilder().charDevice("wh", 0, 0), "whiteout");
    assertRefused(new TarBuilder().hardLink("x", "none"), "does not exist");
    assertRefused(new TarBuilder().dir("d").hardLink("x", "d"), "directory");
    assertRefused(new TarBuilder().hardLink("x", "/"), "root");
    assertRefused(new TarBuilder().symlink("a", "b").symlink("b", "a").file("a/x", ""), "ELOOP");
    assertRefused(new TarBuilder().file(".wh..", ""), "whiteout");
  }

  @Test
  void treesOfAnyDepth_areTakenAway() throws IOException {
    TarBuilder deep = new TarBuilder();
    String here = "d/".repeat(1000);
    deep.dir(here + "d").symlink("l0", here);
    for (int i = 1; i < 20; i++) {
      deep.dir("l" + (i - 1) + "/" + here + "d").symlink("l" + i, "l" + (i - 1) + "/" + here);
    }
    ImageBuilder image =
        new ImageBuilder().layer(deep).layer(new TarBuilder().whiteout("d").file("f", ""));
    try (ImageTree tree = read(image, PLENTY)) {
      assertThat(tree.node(1).children()).hasSize(21);
      assertThat(tree.node(1).children().get("d".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
          .isNull();
    }
  }

  @Test
  void sparseFiles_haveTheirHoles() throws IOException {
    byte[] data = new byte[8];
    Arrays.fill(data, (byte) 7);
    TarBuilder layer =
        new TarBuilder()
            .pax("GNU.sparse.major", "0")
            .pax("GNU.sparse.minor", "1")
            .pax("GNU.sparse.name", "sparse")
            .pax("GNU.sparse.size", "1000")
            .pax("GNU.sparse.map", "10,4,500,4")
            .file("x", data);
    try (ImageTree tree = read(new ImageBuilder().layer(layer), PLENTY)) {
      ImageNode file = tree.node(1).children().firstEntry().getValue();
      assertThat(file.size()).isEqualTo(1000);
      byte[] expected = new byte[1000];
      Arrays.fill(expected, 10, 14, (byte) 7);
      Arrays.fill(expected, 500, 504, (byte) 7);
      ByteBuffer all = ByteBuffer.allocate(1100);
      assertThat(tree.read(file, all, 0)).isEqualTo(1000);
      assertThat(Arrays.copyOf(all.array(), 1000)).isEqualTo(expected);
      for (int at : new int[] {0, 9, 10, 13, 14, 400, 501, 504, 999, 1000, 2000}) {
        ByteBuffer some = ByteBuffer.allocate(120);
        int got = tree.read(file, some, at);
        assertThat(got).isEqualTo(Math.max(0, Math.min(120, 1000 - at)));
        assertThat(Arrays.copyOf(some.array(), got))
            .isEqualTo(Arrays.copyOfRange(expected, Math.min(at, 1000), Math.min(at, 1000) + got));
      }
      assertThatThrownBy(
              () -> tree.map(file, java.nio.channels.FileChannel.MapMode.READ_ONLY, 0, 1))
          .isInstanceOf(UnsupportedOperationException.class);
    }
  }
}
