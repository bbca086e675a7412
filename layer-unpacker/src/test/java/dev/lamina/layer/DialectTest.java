package dev.lamina.layer;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.Hashing;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresRoot;
import dev.lamina.fixtures.tree.Detail;
import dev.lamina.fixtures.tree.TreeSnapshot;
import dev.lamina.image.Digest;
import dev.lamina.image.LayerBlob;
import dev.lamina.layer.LowerLayers.Lower;
import dev.lamina.linux.At;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Deletions written in each dialect, and read back through the layers below. */
@RequiresRoot
final class DialectTest {
  private static Lower unpack(
      MountScratch scratch, Dialect dialect, TarBuilder tar, List<Lower> parents) throws Exception {
    byte[] bytes = tar.bytes();
    Digest diffId = Digest.parse("sha256:" + Hashing.sha256().hashBytes(bytes));
    LayerBlob blob = new LayerBlob("layer", "", Optional.empty(), bytes.length, diffId);
    Path staging = scratch.fresh("staging");
    int fd = At.openDirectory(At.FDCWD, Name.of(staging.toString()));
    try {
      new LayerUnpacker(dialect, UnpackLimits.DEFAULT)
          .unpack(
              blob,
              new ByteArrayInputStream(bytes),
              fd,
              Optional.empty(),
              () -> parents,
              read -> {});
    } finally {
      Fd.close(fd);
    }
    return new Lower(staging.resolve("diff"), dialect);
  }

  private static String found(LowerLayers layers, String path) throws Exception {
    LayerPath layerPath = LayerPath.parse(path.getBytes(StandardCharsets.UTF_8));
    try (LowerLayers.LowerEntry entry = layers.find(layerPath)) {
      return entry == null ? "absent" : entry.stat().isDirectory() ? "directory" : "file";
    }
  }

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void deletions_areReadAsTheyWereWritten(Dialect dialect, MountScratch scratch) throws Exception {
    Lower base =
        unpack(
            scratch,
            dialect,
            new TarBuilder()
                .file("deleted", "x")
                .file("replaced", "x")
                .dir("opaque")
                .file("opaque/old", "x")
                .dir("again")
                .file("again/old", "x")
                .dir("merged")
                .file("merged/old", "x"),
            List.of());
    Lower top =
        unpack(
            scratch,
            dialect,
            new TarBuilder()
                .whiteout("deleted")
                .whiteout("replaced")
                .file("replaced", "y")
                .dir("opaque")
                .whiteout("opaque/old")
                .opaque("opaque")
                .file("opaque/new", "y")
                .whiteout("again")
                .file("again/new", "y")
                .dir("merged")
                .file("merged/new", "y"),
            List.of(base));
    try (LowerLayers layers = LowerLayers.open(List.of(top, base))) {
      assertThat(found(layers, "deleted")).isEqualTo("absent");
      assertThat(found(layers, "replaced")).isEqualTo("file");
      assertThat(found(layers, "opaque/old")).isEqualTo("absent");
      assertThat(found(layers, "opaque/new")).isEqualTo("file");
      assertThat(found(layers, "again/old")).isEqualTo("absent");
      assertThat(found(layers, "again/new")).isEqualTo("file");
      assertThat(found(layers, "merged/old")).isEqualTo("file");
      assertThat(found(layers, "merged/new")).isEqualTo("file");
      assertThat(found(layers, "merged")).isEqualTo("directory");
      assertThat(found(layers, "merged/old/below")).isEqualTo("absent");
    }
  }

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void everythingElse_isTheSameInEachDialect(Dialect dialect, MountScratch scratch)
      throws Exception {
    TarBuilder tar =
        new TarBuilder().dir("d").file("d/f", "x").xattr("user.x", "y").charDevice("null", 1, 3);
    TreeSnapshot tree =
        TreeSnapshot.of(unpack(scratch, dialect, tar, List.of()).tree(), Detail.EVERYTHING);
    TreeSnapshot expected =
        TreeSnapshot.of(unpack(scratch, Dialect.TRUSTED, tar, List.of()).tree(), Detail.EVERYTHING);
    assertThat(tree).isEqualTo(expected);
  }
}
