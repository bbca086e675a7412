package dev.lamina.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.linux.GzipInflater;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Compared with the reader that stands in for it where there is no ISA-L. */
final class FastGzipStreamTest {
  private static final int HEADER = 10;

  @BeforeEach
  @BeforeProperty
  void needsLibrary() {
    assumeTrue(GzipInflater.isAvailable(), "no ISA-L");
  }

  private static byte[] content(Random random) {
    byte[] content = new byte[random.nextInt(100_000)];
    int run = 1 + random.nextInt(200);
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (i / run % 2 == 0 ? random.nextInt(1 + random.nextInt(200)) : i / run);
    }
    return content;
  }

  private static byte[] member(Random random, byte[] content) throws IOException {
    GzipParameters parameters = new GzipParameters();
    parameters.setCompressionLevel(random.nextInt(10));
    int[] strategies = {Deflater.DEFAULT_STRATEGY, Deflater.FILTERED, Deflater.HUFFMAN_ONLY};
    parameters.setDeflateStrategy(strategies[random.nextInt(strategies.length)]);
    if (random.nextBoolean()) {
      parameters.setFileName("layer.tar");
      parameters.setComment("a comment");
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GzipCompressorOutputStream gzip = new GzipCompressorOutputStream(out, parameters)) {
      gzip.write(content);
    }
    return out.toByteArray();
  }

  /** What a reader gives; null where it fails. */
  private static byte[] read(InputStream stream) {
    try (stream) {
      return stream.readAllBytes();
    } catch (IOException e) {
      return null;
    }
  }

  /** A source that gives few bytes at a time. */
  private static InputStream trickle(byte[] bytes, int step) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int read(byte[] target, int from, int count) {
        return super.read(target, from, Math.min(count, step));
      }
    };
  }

  @Property(tries = 200, seed = "2026")
  void members_areReadWhateverThePieces(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 3) int members) throws IOException {
    Random random = new Random(seed);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    for (int i = 0; i < members; i++) {
      byte[] content = content(random);
      expected.writeBytes(content);
      all.writeBytes(member(random, content));
    }
    int step = 1 + random.nextInt(random.nextBoolean() ? 20 : 100_000);
    assertThat(read(new FastGzipStream(trickle(all.toByteArray(), step))))
        .isEqualTo(expected.toByteArray());
  }

  @Property(tries = 1000, seed = "2026")
  void damagedMember_isReadAsByTheOtherReader(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    byte[] blob = member(random, content(random));
    int at = random.nextInt(blob.length);
    if (random.nextBoolean()) {
      blob = Arrays.copyOf(blob, at);
    } else {
      blob[at] ^= (byte) (1 << random.nextInt(8));
    }
    byte[] fast = read(new FastGzipStream(new ByteArrayInputStream(blob)));
    byte[] slow = slow(blob);
    if (at >= HEADER || (fast != null && slow != null)) {
      assertThat(fast).isEqualTo(slow);
    }
  }

  @Property(tries = 20_000)
  @Tag("long")
  void damagedMember_ofAnyKind(@ForAll long seed) throws IOException {
    damagedMember_isReadAsByTheOtherReader(seed);
  }

  private static byte[] slow(byte[] blob) {
    try {
      return read(Compression.gzip(new ByteArrayInputStream(blob)));
    } catch (IOException e) {
      return null;
    }
  }

  @Test
  void endWithinAMember_isSaid() throws IOException {
    byte[] blob = member(new Random(1), new byte[100]);
    try (InputStream in = new FastGzipStream(new ByteArrayInputStream(blob, 0, blob.length - 1))) {
      assertThatThrownBy(in::readAllBytes).isInstanceOf(EOFException.class);
    }
  }

  @Test
  void singleBytes_areRead() throws IOException {
    try (InputStream in =
        new FastGzipStream(
            new ByteArrayInputStream(member(new Random(1), new byte[] {(byte) 200, 7})))) {
      assertThat(in.read()).isEqualTo(200);
      assertThat(in.read()).isEqualTo(7);
      assertThat(in.read()).isEqualTo(-1);
      assertThat(in.read()).isEqualTo(-1);
    }
  }
}
