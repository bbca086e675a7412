package dev.lamina.registry;

import com.google.common.io.ByteStreams;
import dev.lamina.image.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.LongConsumer;

/** A blob that is on its way into a registry, and can be read as often as that takes. */
final class PushedBlob {
  /** Opens the blob from its start. */
  @FunctionalInterface
  interface Content {
    InputStream open() throws IOException;
  }

  private final Digest digest;
  private final long size;
  private final Content content;
  private final LongConsumer progress;
  private long told;

  /**
   * A blob.
   *
   * @param progress told how many bytes more, or fewer, the registry has
   */
  PushedBlob(Digest digest, long size, Content content, LongConsumer progress) {
    this.digest = digest;
    this.size = size;
    this.content = content;
    this.progress = progress;
  }

  Digest digest() {
    return digest;
  }

  long size() {
    return size;
  }

  /** The bytes from {@code from} up to {@code to}. */
  InputStream open(long from, long to) {
    try {
      InputStream in = content.open();
      try {
        in.skipNBytes(from);
        return ByteStreams.limit(in, to - from);
      } catch (IOException e) {
        in.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The registry has so many bytes. */
  void uploaded(long bytes) {
    progress.accept(bytes - told);
    told = bytes;
  }
}
