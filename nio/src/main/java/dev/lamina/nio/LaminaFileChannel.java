package dev.lamina.nio;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.linux.ErrnoException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A channel over a {@link Content}. Reads and writes at explicit positions run side by side; those
 * at the channel's own position one after the other. Closing waits for what is under way.
 */
final class LaminaFileChannel extends FileChannel {
  /**
   * Whether {@link #transferFrom} beyond the end makes the file longer, as the contract of JDK 25
   * has it; that of 17 is that nothing is transferred there.
   */
  private static final boolean GROWS = Runtime.version().feature() >= 25;

  /** Bytes that are copied between two checks for an interrupt. */
  private static final long COPY_AT_ONCE = 64 << 20;

  private final LaminaPath path;
  private final LaminaFileSystem fileSystem;
  private final Content content;
  private final boolean readable;
  private final boolean writable;
  private final boolean appends;

  private final Object positionLock = new Object();

  @GuardedBy("positionLock")
  private long position;

  /** Shared by whoever uses the content, exclusive for its end. */
  private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

  /** Takes over {@code content}. */
  LaminaFileChannel(LaminaPath path, Content content, OpenRequest how) {
    this.path = path;
    this.fileSystem = path.getFileSystem();
    this.content = content;
    this.readable = how.reads();
    this.writable = how.writes();
    this.appends = how.appends();
    fileSystem.opened(this);
  }

  private interface Io {
    long run() throws IOException;
  }

  /** Runs {@code io} on the open content, as an operation that closing and interrupts end. */
  private long io(Io io) throws IOException {
    requireOpen();
    boolean done = false;
    long result = 0;
    begin();
    try {
      use.readLock().lock();
      try {
        if (isOpen()) {
          result = io.run();
          done = true;
        }
      } catch (ErrnoException e) {
        throw Failures.of(e, path, null);
      } finally {
        use.readLock().unlock();
      }
    } finally {
      end(done);
    }
    return result;
  }

  private void requireOpen() throws ClosedChannelException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
  }

  private void requireReadable() throws ClosedChannelException {
    requireOpen();
    if (!readable) {
      throw new NonReadableChannelException();
    }
  }

  private void requireWritable() throws ClosedChannelException {
    requireOpen();
    if (!writable) {
      throw new NonWritableChannelException();
    }
  }

  private static void requirePosition(long position) {
    if (position < 0) {
      throw new IllegalArgumentException("Negative position");
    }
  }

  /** Bytes read, or -1 at the end of the file. */
  private int readAt(ByteBuffer target, long at) throws IOException {
    if (!target.hasRemaining()) {
      return 0;
    }
    int got = (int) io(() -> content.read(target, at));
    return got == 0 ? -1 : got;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    requireReadable();
    synchronized (positionLock) {
      int got = readAt(target, position);
      position += Math.max(0, got);
      return got;
    }
  }

  @Override
  public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, targets.length);
    requireReadable();
    long total = 0;
    synchronized (positionLock) {
      for (int i = offset; i < offset + length; i++) {
        int wanted = targets[i].remaining();
        int got = read(targets[i]);
        if (got < 0) {
          return total == 0 ? -1 : total;
        }
        total += got;
        if (got < wanted) {
          break;
        }
      }
    }
    return total;
  }

  @Override
  public int read(ByteBuffer target, long at) throws IOException {
    requirePosition(at);
    requireReadable();
    return readAt(target, at);
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    requireWritable();
    synchronized (positionLock) {
      long at = position;
      int written = (int) io(() -> content.write(source, at));
      position = appends ? io(content::size) : at + written;
      return written;
    }
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, sources.length);
    requireWritable();
    long total = 0;
    synchronized (positionLock) {
      for (int i = offset; i < offset + length; i++) {
        total += write(sources[i]);
      }
    }
    return total;
  }

  @Override
  public int write(ByteBuffer source, long at) throws IOException {
    requirePosition(at);
    requireWritable();
    return (int) io(() -> content.write(source, at));
  }

  @Override
  public long position() throws IOException {
    requireOpen();
    synchronized (positionLock) {
      if (appends) {
        position = io(content::size);
      }
      return position;
    }
  }

  @Override
  public FileChannel position(long newPosition) throws IOException {
    requireOpen();
    requirePosition(newPosition);
    synchronized (positionLock) {
      position = newPosition;
    }
    return this;
  }

  @Override
  public long size() throws IOException {
    return io(content::size);
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    requireOpen();
    if (size < 0) {
      throw new IllegalArgumentException("Negative size");
    }
    requireWritable();
    synchronized (positionLock) {
      long unused =
          io(
              () -> {
                if (size < content.size()) {
                  content.resize(size);
                }
                return 0;
              });
      position = Math.min(position, size);
    }
    return this;
  }

  @Override
  public void force(boolean metadata) throws IOException {
    long unused =
        io(
            () -> {
              content.force(metadata);
              return 0;
            });
  }

  @Override
  public long transferTo(long from, long count, WritableByteChannel target) throws IOException {
    requireReadable();
    if (!target.isOpen()) {
      throw new ClosedChannelException();
    }
    if (target instanceof LaminaFileChannel channel) {
      channel.requireWritable();
    }
    if (from < 0 || count < 0) {
      throw new IllegalArgumentException();
    }
    return Pump.run((b, done) -> readAt(b, from + done), (b, done) -> target.write(b), count);
  }

  /** Copies all there is, in the kernel where that is possible. */
  void copyTo(LaminaFileChannel target) throws IOException {
    long done = 0;
    long got;
    do {
      long at = done;
      got = io(() -> content.copyTo(target.content, at, at, COPY_AT_ONCE));
      done += Math.max(0, got);
    } while (got > 0);
    if (got < 0) {
      do {
        got = transferTo(done, COPY_AT_ONCE, target.position(done));
        done += got;
      } while (got > 0);
    }
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long to, long count) throws IOException {
    requireWritable();
    if (!source.isOpen()) {
      throw new ClosedChannelException();
    }
    if (to < 0 || count < 0) {
      throw new IllegalArgumentException();
    }
    if (to > size() && !GROWS) {
      return 0;
    }
    return Pump.run((b, done) -> source.read(b), (b, done) -> write(b, to + done), count);
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long at, long size) throws IOException {
    requireReadable();
    if (mode != MapMode.READ_ONLY) {
      requireWritable();
    }
    if (at < 0 || size < 0 || size > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("position " + at + ", size " + size);
    }
    MappedByteBuffer[] mapped = new MappedByteBuffer[1];
    long unused =
        io(
            () -> {
              mapped[0] = content.map(mode, at, size);
              return 0;
            });
    return mapped[0];
  }

  @Override
  public FileLock lock(long at, long size, boolean shared) throws IOException {
    return tryLock(at, size, shared);
  }

  @Override
  public FileLock tryLock(long at, long size, boolean shared) throws IOException {
    requireOpen();
    if (shared) {
      requireReadable();
    } else {
      requireWritable();
    }
    return fileSystem.locks().lock(this, content.node(), at, size, shared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    use.writeLock().lock();
    try {
      fileSystem.locks().releaseAll(this, content.node());
      content.close();
    } finally {
      use.writeLock().unlock();
      fileSystem.closed(this);
    }
  }
}
