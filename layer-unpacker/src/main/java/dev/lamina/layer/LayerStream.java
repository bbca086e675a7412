package dev.lamina.layer;

import com.google.common.io.ByteStreams;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.LayerBlob;
import dev.lamina.image.VerifyingInputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * The uncompressed stream of a layer, on its way through every check: the blob's size and digest on
 * one thread, which also inflates it, the diffID on the thread that reads.
 */
final class LayerStream implements Closeable {
  /** Bytes of the blob from one word about progress to the next. */
  private static final int TELL_EVERY = 1 << 20;

  private final LayerBlob layer;
  private final LongConsumer progress;
  private final VerifyingInputStream blob;
  private final ReadAhead uncompressed;
  private final CountingStream counted;
  private final MessageDigest diffId;
  private long told;

  /** Makes an uncompressed stream of a blob. */
  interface Decompressor {
    InputStream decompress(InputStream blob) throws IOException;
  }

  /**
   * Takes over {@code stored}, the blob as a source has it.
   *
   * @param progress told now and then how many bytes of the blob more were read; when {@link
   *     #verify} has returned, all were told
   */
  LayerStream(LayerBlob layer, InputStream stored, UnpackLimits limits, LongConsumer progress) {
    this(layer, stored, limits, Compression::decompress, progress);
  }

  LayerStream(
      LayerBlob layer,
      InputStream stored,
      UnpackLimits limits,
      Decompressor decompressor,
      LongConsumer progress) {
    this.layer = layer;
    this.progress = progress;
    String name = "blob" + layer.digest().map(d -> " " + d).orElse("");
    // Digest computation over the blob is only needed where somebody states it.
    Optional<Digest> digest = layer.digest();
    this.blob = new VerifyingInputStream(stored, name, layer.size(), digest);
    this.uncompressed =
        new ReadAhead(
            () -> decompressor.decompress(new Unclosed(blob)), "inflate " + layer.diffId().hex());
    this.diffId = layer.diffId().newComputation();
    long limit = limits.bytesOf(layer.size());
    String why = limit < limits.bytes() ? ", out of a blob of " + layer.size() : "";
    this.counted = new CountingStream(new DigestInputStream(uncompressed, diffId), limit, why);
  }

  InputStream tar() {
    return counted;
  }

  private void tell(long atLeast) {
    long more = blob.count() - told;
    if (more >= atLeast) {
      told += more;
      progress.accept(more);
    }
  }

  /** Bytes of the uncompressed stream that were read so far. */
  long bytes() {
    return counted.count;
  }

  /** Reads what is left, padding included, and compares all that was promised. */
  void verify() throws IOException {
    ByteStreams.exhaust(counted);
    uncompressed.stop();
    blob.verify();
    tell(1);
    if (!layer.diffId().matches(diffId)) {
      throw new ImageException(
          ImageException.Kind.MISMATCH,
          "the uncompressed stream does not have the diffID of the image's configuration");
    }
  }

  /**
   * Says whether a failure comes from a blob that is not what its descriptor promises, which is
   * then the better thing to tell.
   */
  Optional<ImageException> blobMismatch() {
    uncompressed.stop();
    try {
      blob.verify();
      return Optional.empty();
    } catch (ImageException e) {
      return Optional.of(e);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The blob first: its reader may be waiting for a server. */
  @Override
  public void close() throws IOException {
    try {
      blob.close();
    } finally {
      uncompressed.close();
    }
  }

  /** Keeps the blob open when its decompressor is closed, for {@link #verify} to read on. */
  private static final class Unclosed extends FilterInputStream {
    Unclosed(InputStream in) {
      super(in);
    }

    @Override
    public void close() {}
  }

  /** Counts, and ends streams that are longer than the limit. */
  private final class CountingStream extends FilterInputStream {
    private final long limit;
    private final String why;
    private long count;

    CountingStream(InputStream in, long limit, String why) {
      super(in);
      this.limit = limit;
      this.why = why;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
      int got = in.read(target, from, length);
      count += Math.max(0, got);
      tell(TELL_EVERY);
      if (count > limit) {
        throw new ImageException(
            ImageException.Kind.LIMIT, "the layer has more than " + limit + " bytes" + why);
      }
      return got;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }
  }
}
