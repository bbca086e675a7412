package dev.lamina.layer;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresRoot;
import dev.lamina.image.ImageException;
import dev.lamina.store.StoreFixture;
import dev.lamina.store.StoredImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Archives made to fill a host (attacks 11 and 24, CVE-2017-14992). */
@RequiresRoot
final class UnpackLimitsTest {
  private static final int MIB = 1 << 20;

  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";

  @ParameterizedTest
  @EnumSource(Compression.class)
  void bomb_isRefusedAndLeavesNothing(Compression compression, MountScratch scratch)
      throws IOException {
    byte[] tar = new TarBuilder().file("zeros", new byte[8 * MIB]).bytes();
    ImageBuilder image = new ImageBuilder().layer(tar, compressed(tar, compression), LAYER);
    StoreFixture store = new StoreFixture(scratch, new UnpackLimits(100, MIB, 10));
    ImageException refusal = store.refused(image);
    assertThat(refusal.kind()).isEqualTo(ImageException.Kind.LIMIT);
    assertThat(refusal.getMessage()).contains("layer 1 of 1").contains("more than 1048576 bytes");
  }

  private static byte[] compressed(byte[] tar, Compression compression) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    switch (compression) {
      case GZIP -> write(new GZIPOutputStream(bytes), tar);
      case ZSTD -> bytes.write(Zstd.compress(tar));
      case XZ -> write(new XZOutputStream(bytes, new LZMA2Options()), tar);
      case BZIP2 -> write(new BZip2CompressorOutputStream(bytes), tar);
      case NONE -> bytes.write(tar);
    }
    return bytes.toByteArray();
  }

  private static void write(OutputStream out, byte[] tar) throws IOException {
    try (out) {
      out.write(tar);
    }
  }

  /** A few bytes of archive: nobody is to read what they stand for. */
  @Test
  @Timeout(300)
  void fileOfNothingButHoles_isUnpackedAtOnce(MountScratch scratch) throws IOException {
    String size = Long.toString(1L << 40);
    TarBuilder tar =
        new TarBuilder()
            .file("holes", "1\n" + size + "\n0\n" + " ".repeat(512 - size.length() - 5))
            .pax("GNU.sparse.major", "1")
            .pax("GNU.sparse.minor", "0")
            .pax("GNU.sparse.realsize", size);
    StoreFixture store = new StoreFixture(scratch);
    StoredImage image = store.unpack(tar);
    assertThat(Files.size(image.layers().get(0).tree().resolve("holes"))).isEqualTo(1L << 40);
    assertThat(store.open().verify(what -> {}).isClean()).isTrue();
  }

  @Test
  void tooManyEntries_areRefused(MountScratch scratch) throws IOException {
    TarBuilder tar = new TarBuilder();
    for (int i = 0; i < 101; i++) {
      tar.file("f" + i, "");
    }
    StoreFixture store = new StoreFixture(scratch, new UnpackLimits(100, MIB, 10));
    ImageException refusal = store.refused(tar);
    assertThat(refusal.kind()).isEqualTo(ImageException.Kind.LIMIT);
    assertThat(refusal.getMessage()).contains("more than 100 entries");
  }

  @Test
  void extendedHeader_isAsLargeAsAllowed(MountScratch scratch) throws IOException {
    TarBuilder tar = new TarBuilder().file("f", "").xattr("user.x", "y".repeat(3000));
    ImageException refusal =
        new StoreFixture(scratch, new UnpackLimits(100, MIB, 10, 3000)).refused(tar);
    assertThat(refusal.kind()).isEqualTo(ImageException.Kind.LIMIT);
    assertThat(refusal.getMessage())
        .contains("an extended header of 3026 bytes; the limit is 3000");
    StoredImage image = new StoreFixture(scratch, new UnpackLimits(100, MIB, 10, 4000)).unpack(tar);
    assertThat(image.layers()).hasSize(1);
  }

  @Test
  void ratio_countsAboveWhatIsNoBomb() {
    UnpackLimits limits = new UnpackLimits(1, 1L << 40, 1000);
    assertThat(limits.bytesOf(1)).isEqualTo(UnpackLimits.UNSUSPICIOUS);
    assertThat(limits.bytesOf(MIB)).isEqualTo(1000L * MIB);
    assertThat(limits.bytesOf(Long.MAX_VALUE / 2)).isEqualTo(1L << 40);
    assertThat(new UnpackLimits(1, MIB, 1000).bytesOf(MIB)).isEqualTo(MIB);
  }
}
