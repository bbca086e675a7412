package dev.lamina.layer;

import com.google.common.io.Closeables;
import com.google.common.util.concurrent.Uninterruptibles;
import dev.lamina.image.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * A stream that another thread reads ahead, so that inflating and writing overlap. At most {@value
 * #CHUNKS} chunks of {@value #CHUNK_SIZE} bytes exist, which go round.
 *
 * <p>A failure of the source is thrown here, as a broken stream unless it says more. One thread
 * reads; {@link #close} stops the other thread and waits for it.
 */
final class ReadAhead extends InputStream {
  static final int CHUNK_SIZE = 256 << 10;
  static final int CHUNKS = 6;

  private static final class Chunk {
    final byte[] bytes = new byte[CHUNK_SIZE];
    int length;
    Throwable failure;
  }

  /** Makes the stream to read, on the thread that reads it. */
  @FunctionalInterface
  interface Source {
    InputStream open() throws IOException;
  }

  private final Source source;
  private final BlockingQueue<Chunk> full = new ArrayBlockingQueue<>(CHUNKS);
  private final BlockingQueue<Chunk> empty = new ArrayBlockingQueue<>(CHUNKS + 1);
  private final Thread reader;
  private Chunk current;
  private int position;
  private boolean ended;
  private volatile boolean closed;

  ReadAhead(Source source, String threadName) {
    this.source = source;
    for (int i = 0; i < CHUNKS; i++) {
      empty.add(new Chunk());
    }
    reader = new Thread(this::readSource, threadName);
    reader.setDaemon(true);
    reader.start();
  }

  private void readSource() {
    InputStream in = null;
    try {
      while (true) {
        Chunk chunk = empty.take();
        if (closed) {
          return;
        }
        try {
          in = in == null ? source.open() : in;
          chunk.length = in.readNBytes(chunk.bytes, 0, CHUNK_SIZE);
        } catch (IOException | RuntimeException | Error e) {
          // What came before the failure in this chunk is lost, and of no use to anyone.
          chunk.length = 0;
          chunk.failure = e;
        }
        boolean last = chunk.length == 0;
        full.put(chunk);
        if (last) {
          return;
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    } finally {
      Closeables.closeQuietly(in);
    }
  }

  /** The next bytes, as many as are at hand; false at the end. */
  private boolean fill() throws IOException {
    while (current == null || position == current.length) {
      if (ended) {
        return false;
      }
      try {
        if (current != null) {
          empty.put(current);
          current = null;
        }
        current = full.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      }
      position = 0;
      if (current.length == 0) {
        ended = true;
        rethrow(current.failure);
      }
    }
    return true;
  }

  private static void rethrow(Throwable failure) throws IOException {
    if (failure instanceof ImageException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
    if (failure != null) {
      throw Compression.broken((Exception) failure);
    }
  }

  @Override
  public int read(byte[] target, int from, int count) throws IOException {
    if (count == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int got = Math.min(count, current.length - position);
    System.arraycopy(current.bytes, position, target, from, got);
    position += got;
    return got;
  }

  @Override
  public int read() throws IOException {
    return fill() ? current.bytes[position++] & 0xff : -1;
  }

  /** Ends the other thread; the source is then nobody's but the caller's. */
  void stop() {
    ended = true;
    // Not an interrupt: that would close the channel under a source that others read as well.
    closed = true;
    empty.offer(new Chunk());
    Uninterruptibles.joinUninterruptibly(reader);
  }

  @Override
  public void close() {
    stop();
  }
}
