package dev.lamina.registry;

import com.google.common.io.ByteStreams;
import dev.lamina.image.Digest;
import java.io.IOException;
import java.io.InputStream;
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

  /** The bytes from {@code from} up to {@code to}; opened when the first is read. */
  InputStream open(long from, long to) {
    return new Range(from, to);
  }

  /** The registry has so many bytes. */
  void uploaded(long bytes) {
    progress.accept(bytes - told);
    told = bytes;
  }

  /** What goes wrong in opening is told where reading is, by whoever sends it. */
  private final class Range extends InputStream {
    private final long from;
    private final long to;
    private InputStream in;

    Range(long from, long to) {
      this.from = from;
      this.to = to;
    }

    private InputStream opened() throws IOException {
      if (in == null) {
        InputStream whole = content.open();
        try {
          whole.skipNBytes(from);
        } catch (IOException e) {
          whole.close();
          throw e;
        }
        in = ByteStreams.limit(whole, to - from);
      }
      return in;
    }

    @Override
    public int read(byte[] target, int start, int count) throws IOException {
      return opened().read(target, start, count);
    }

    @Override
    public int read() throws IOException {
      return opened().read();
    }

    @Override
    public void close() throws IOException {
      if (in != null) {
        in.close();
      }
    }
  }
}
