package dev.lamina.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import dev.lamina.fixtures.image.TarBuilder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Every compression is recognised by its first bytes, in one member or several. */
final class CompressionTest {
  private static final byte[] CONTENT = new byte[300_000];

  static {
    // Half noise, half zeros: several blocks of each format.
    byte[] noise = new byte[CONTENT.length / 2];
    new Random(1).nextBytes(noise);
    System.arraycopy(noise, 0, CONTENT, 0, noise.length);
  }

  static byte[] compress(Compression compression, byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream compressor =
        switch (compression) {
          case GZIP -> new GZIPOutputStream(out);
          case ZSTD -> new ZstdOutputStream(out);
          case XZ -> new XZOutputStream(out, new LZMA2Options());
          case BZIP2 -> new BZip2CompressorOutputStream(out);
          case NONE -> out;
        }) {
      compressor.write(content);
    }
    return out.toByteArray();
  }

  private static byte[] decompress(byte[] blob) throws IOException {
    try (InputStream in = Compression.decompress(new ByteArrayInputStream(blob))) {
      return in.readAllBytes();
    }
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void stream_isRecognisedAndRead(Compression compression) throws IOException {
    assertThat(decompress(compress(compression, CONTENT))).isEqualTo(CONTENT);
    assertThat(decompress(compress(compression, new byte[0]))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void severalMembers_areOneStream(Compression compression) throws IOException {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(compress(compression, CONTENT));
    both.writeBytes(compress(compression, CONTENT));
    byte[] twice = Arrays.copyOf(CONTENT, 2 * CONTENT.length);
    System.arraycopy(CONTENT, 0, twice, CONTENT.length, CONTENT.length);
    assertThat(decompress(both.toByteArray())).isEqualTo(twice);
  }

  @Test
  void zstd_thatBeginsWithAFrameToSkip_isRead() throws IOException {
    byte[] skipped = {0x5e, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2};
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(skipped);
    out.writeBytes(compress(Compression.ZSTD, CONTENT));
    assertThat(decompress(out.toByteArray())).isEqualTo(CONTENT);
  }

  @Test
  void tar_thatBeginsWithANameLikeAMagicNumber_isATar() throws IOException {
    byte[] tar = new TarBuilder().file("BZh9", "x").bytes();
    assertThat(decompress(tar)).isEqualTo(tar);
  }

  @ParameterizedTest
  @EnumSource(value = Compression.class, mode = Mode.EXCLUDE, names = "NONE")
  void truncatedStreamAndTrailingData_areErrors(Compression compression) throws IOException {
    byte[] blob = compress(compression, CONTENT);
    assertThatThrownBy(() -> decompress(Arrays.copyOf(blob, blob.length - 3)))
        .isInstanceOf(IOException.class);
    byte[] longer = Arrays.copyOf(blob, blob.length + 50);
    Arrays.fill(longer, blob.length, longer.length, (byte) 'x');
    assertThatThrownBy(() -> decompress(longer)).isInstanceOf(IOException.class);
  }
}
