package dev.lamina.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** On x86-64 the class path brings the library, so that nothing is skipped there. */
@EnabledIfSystemProperty(named = "os.arch", matches = "amd64")
final class GzipInflaterTest {
  private static final int OUTPUT = 1 << 16;

  private final byte[] content = new byte[500_000];

  @BeforeEach
  void makeContent() {
    Random random = new Random(1);
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (i / 1000 % 3 == 0 ? random.nextInt() : i / 50);
    }
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    }
    return out.toByteArray();
  }

  /** Inflates one member, given {@code step} bytes at a time. */
  private static byte[] inflate(GzipInflater inflater, byte[] member, int step)
      throws DataFormatException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[OUTPUT];
    int given = 0;
    while (!inflater.isFinished()) {
      int got = inflater.inflate(buffer, 0, buffer.length);
      out.write(buffer, 0, got);
      if (got == 0 && !inflater.isFinished()) {
        assertThat(inflater.remaining()).isZero();
        assertThat(given).as("input is there").isLessThan(member.length);
        given += inflater.setInput(member, given, Math.min(step, member.length - given));
      }
    }
    return out.toByteArray();
  }

  @Test
  void library_isThere() {
    assertThat(GzipInflater.isAvailable()).isTrue();
  }

  @Test
  void libraryOfTheClassPath_isUsable() {
    assertThat(GzipInflater.isUsable(Isal.Loader.unpacked())).isTrue();
  }

  @Test
  void member_isInflatedWhateverTheSizeOfItsPieces() throws Exception {
    for (int step : new int[] {1, 7, 1000, 1 << 20}) {
      GzipInflater inflater = GzipInflater.create(OUTPUT);
      assertThat(inflate(inflater, gzip(content), step)).isEqualTo(content);
      assertThat(inflater.remaining()).isZero();
    }
  }

  @Test
  void afterReset_theNextMemberIsInflated() throws Exception {
    GzipInflater inflater = GzipInflater.create(OUTPUT);
    byte[] small = gzip(new byte[] {1, 2, 3});
    byte[] three = new byte[3 * small.length];
    for (int i = 0; i < 3; i++) {
      System.arraycopy(small, 0, three, i * small.length, small.length);
    }
    inflater.setInput(three, 0, three.length);
    byte[] buffer = new byte[OUTPUT];
    for (int i = 2; i >= 0; i--) {
      assertThat(inflater.inflate(buffer, 0, OUTPUT)).isEqualTo(3);
      assertThat(inflater.isFinished()).isTrue();
      assertThat(inflater.inflate(buffer, 0, OUTPUT)).isZero();
      assertThat(inflater.remaining()).isEqualTo(i * small.length);
      inflater.reset();
    }
  }

  @Test
  void wrongChecksumOrSize_isRefused() throws Exception {
    byte[] member = gzip(content);
    for (int fromEnd = 1; fromEnd <= 8; fromEnd++) {
      byte[] broken = member.clone();
      broken[broken.length - fromEnd] ^= 4;
      assertThatThrownBy(() -> inflate(GzipInflater.create(OUTPUT), broken, 1 << 20))
          .isInstanceOf(DataFormatException.class)
          .hasMessage("incorrect checksum");
    }
  }

  @Test
  void whatIsNoGzip_isRefused() {
    byte[] text = new byte[1000];
    Arrays.fill(text, (byte) 'x');
    assertThatThrownBy(() -> inflate(GzipInflater.create(OUTPUT), text, 1000))
        .isInstanceOf(DataFormatException.class)
        .hasMessage("not in gzip format");
  }
}
