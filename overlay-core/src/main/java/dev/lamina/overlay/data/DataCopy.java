package dev.lamina.overlay.data;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.NativeMemory;

/**
 * Copies file data with as little work as the filesystem allows: shared blocks, else inside the
 * kernel, else through memory. Holes stay holes.
 */
public final class DataCopy {
  /** Of {@link #copy}: nothing was copied, as blocks are shared. */
  public static final long SHARED = -1;

  private static final int BUFFER_SIZE = 1 << 20;

  private DataCopy() {}

  /**
   * Copies the first {@code size} bytes of {@code from} into the empty file {@code to}.
   *
   * @param whole whether {@code size} is all there is, so that blocks may be shared as a whole
   * @return bytes that were really copied, or {@link #SHARED}
   */
  public static long copy(int from, int to, long size, boolean whole) throws ErrnoException {
    if (size == 0) {
      return 0;
    }
    if (whole && Fd.cloneFrom(to, from)) {
      return SHARED;
    }
    long copied = copyRange(from, to, 0, size);
    Fd.truncate(to, size);
    return copied;
  }

  /**
   * Copies the bytes from {@code start} to {@code end}; where {@code from} has a hole nothing is
   * written.
   *
   * @return bytes that were really copied
   */
  static long copyRange(int from, int to, long start, long end) throws ErrnoException {
    long copied = 0;
    long position = start;
    while (position < end) {
      long data = nextData(from, position);
      if (data < 0 || data >= end) {
        break;
      }
      long hole = Math.min(Fd.seek(from, data, Fd.SEEK_HOLE), end);
      copyExtent(from, to, data, hole);
      copied += hole - data;
      position = hole;
    }
    return copied;
  }

  /** Makes a hole of what {@code fd} has from {@code start} to {@code end}. */
  public static void clear(int fd, long start, long end) throws ErrnoException {
    long data = nextData(fd, start);
    if (data >= 0 && data < end) {
      int mode = Fd.FALLOC_FL_PUNCH_HOLE | Fd.FALLOC_FL_KEEP_SIZE;
      Fd.allocate(fd, mode, start, end - start);
    }
  }

  /** Start of the next data at or after {@code position}, or -1 when only a hole is left. */
  private static long nextData(int fd, long position) throws ErrnoException {
    try {
      return Fd.seek(fd, position, Fd.SEEK_DATA);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENXIO) {
        return -1;
      }
      throw e;
    }
  }

  private static void copyExtent(int from, int to, long start, long end) throws ErrnoException {
    long position = start;
    while (position < end) {
      long done;
      try {
        done = Fd.copyRange(from, position, to, position, end - position);
      } catch (ErrnoException e) {
        if (!needsBuffer(e.errno())) {
          throw e;
        }
        copyThroughMemory(from, to, position, end);
        return;
      }
      if (done == 0) {
        throw new ErrnoException(Errno.EIO, "lower file shrank while it was promoted");
      }
      position += done;
    }
  }

  /** What copy_file_range(2) says where it cannot copy between these two files. */
  private static boolean needsBuffer(int errno) {
    return errno == Errno.EXDEV
        || errno == Errno.EINVAL
        || errno == Errno.EOPNOTSUPP
        || errno == Errno.ENOSYS;
  }

  private static void copyThroughMemory(int from, int to, long start, long end)
      throws ErrnoException {
    NativeMemory buffer = NativeMemory.allocate((int) Math.min(BUFFER_SIZE, end - start));
    long position = start;
    while (position < end) {
      int wanted = (int) Math.min(buffer.size(), end - position);
      int got = Fd.pread(from, buffer, 0, wanted, position);
      if (got == 0) {
        throw new ErrnoException(Errno.EIO, "lower file shrank while it was promoted");
      }
      int written = 0;
      while (written < got) {
        written += Fd.pwrite(to, buffer, written, got - written, position + written);
      }
      position += got;
    }
  }
}
