package dev.lamina.inspect;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.overlay.Caller;
import dev.lamina.overlay.InodeFileSystem;
import dev.lamina.overlay.Opened;

/** One regular file of the merged tree, open for reading. For one thread. */
final class FileContent implements AutoCloseable {
  private final InodeFileSystem inodes;
  private final long handle;
  private final NativeMemory buffer;

  private FileContent(InodeFileSystem inodes, long handle) {
    this.inodes = inodes;
    this.handle = handle;
    this.buffer = Buffers.OF_THREAD.get();
  }

  /** Off-heap memory is given back late: one buffer serves all files that a thread reads. */
  private static final class Buffers {
    static final int SIZE = 1 << 17;
    static final ThreadLocal<NativeMemory> OF_THREAD =
        ThreadLocal.withInitial(() -> NativeMemory.allocate(SIZE));
  }

  static FileContent open(InodeFileSystem inodes, Caller caller, long node) throws ErrnoException {
    Opened opened = new Opened();
    inodes.open(caller, node, OpenFlags.O_RDONLY, opened);
    return new FileContent(inodes, opened.handle);
  }

  /** Reads up to {@code size} bytes to the start of {@code target}; 0 at the end of the file. */
  int read(byte[] target, int size, long offset) throws ErrnoException {
    int done = 0;
    while (done < size) {
      int wanted = Math.min(size - done, Buffers.SIZE);
      int got = inodes.read(handle, buffer, 0, wanted, offset + done);
      buffer.get(0, target, done, got);
      done += got;
      if (got < wanted) {
        break;
      }
    }
    return done;
  }

  /** Where data begins at or after {@code offset}; -1 where only a hole is left. */
  long nextData(long offset) throws ErrnoException {
    try {
      return inodes.seek(handle, offset, Fd.SEEK_DATA);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENXIO) {
        return -1;
      }
      throw e;
    }
  }

  /** Where the data at {@code offset} ends. */
  long nextHole(long offset) throws ErrnoException {
    return inodes.seek(handle, offset, Fd.SEEK_HOLE);
  }

  @Override
  public void close() {
    inodes.release(handle);
  }
}
