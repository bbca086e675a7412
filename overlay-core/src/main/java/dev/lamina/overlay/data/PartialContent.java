package dev.lamina.overlay.data;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;

/**
 * What reads see of a file that is partial: each block where it is. Bytes at and after {@link
 * #lowerEnd} never come from below, nor do those of present blocks. If the file is longer than
 * {@code lowerEnd}, the block that {@code lowerEnd} is in is present.
 *
 * <p>Readers take no lock: a block is present from the moment its data is in the upper. Size and
 * end are moved by whoever holds the monitor of the file's node. Descriptors are the caller's to
 * keep open.
 */
final class PartialContent {
  private static final int SECTOR = 512;

  /** The upper's object, open for reading and writing. */
  final int upper;

  /** What has the data below, open for reading. */
  final int lower;

  final BlockMap blocks;

  private final long lowerBlocks;
  private volatile long lowerEnd;
  private volatile long size;

  /**
   * The content of {@code upper} above that of {@code lower}.
   *
   * @param mostBelow bytes that come from below at most
   */
  PartialContent(int upper, int lower, BlockMap blocks, long mostBelow) throws ErrnoException {
    this.upper = upper;
    this.lower = lower;
    this.blocks = blocks;
    Stat stat = new Stat();
    At.stat(lower, stat);
    this.lowerBlocks = stat.blocks;
    long below = Math.min(stat.size, mostBelow);
    At.stat(upper, stat);
    this.size = stat.size;
    this.lowerEnd = Math.min(below, stat.size);
  }

  long size() {
    return size;
  }

  long lowerEnd() {
    return lowerEnd;
  }

  /** The file has {@code newSize} bytes; what is cut off does not come back from below. */
  void resize(long newSize) {
    size = newSize;
    lowerEnd = Math.min(lowerEnd, newSize);
  }

  boolean isPresent(long block) {
    return block << BlockMap.BLOCK_BITS >= lowerEnd || blocks.has(block);
  }

  /** What the file takes up, in the units of {@link Stat#blocks}, if the upper's object does so. */
  long allocated(long upperBlocks) {
    long below = Math.min(lowerBlocks, (lowerEnd + SECTOR - 1) / SECTOR);
    return Math.max(upperBlocks, below);
  }

  /**
   * Reads as {@code pread}.
   *
   * @param fd the caller's descriptor of the upper's object
   */
  int read(int fd, NativeMemory memory, int at, int length, long offset) throws ErrnoException {
    long end = Math.min(offset + length, size);
    long position = offset;
    while (position < end) {
      boolean present = isPresent(position >>> BlockMap.BLOCK_BITS);
      long runEnd = runEnd(position, end, present);
      int done = (int) (position - offset);
      int count = (int) (runEnd - position);
      int got = Fd.pread(present ? fd : lower, memory, at + done, count, position);
      if (got == 0) {
        // Truncated meanwhile.
        return done;
      }
      position += got;
    }
    return (int) Math.max(position - offset, 0);
  }

  /** Where what is in the same place as the byte at {@code position} ends; at most {@code end}. */
  private long runEnd(long position, long end, boolean present) {
    long below = lowerEnd;
    if (position >= below) {
      return end;
    }
    long from = position >>> BlockMap.BLOCK_BITS;
    long last = BlockMap.blocksOf(Math.min(end, below));
    long next = present ? blocks.nextAbsent(from, last) : blocks.nextPresent(from + 1, last);
    if (next >= last) {
      return present ? end : Math.min(end, below);
    }
    return Math.min(next << BlockMap.BLOCK_BITS, end);
  }

  /** {@code lseek} with SEEK_DATA or SEEK_HOLE. */
  long seek(long offset, int whence) throws ErrnoException {
    long end = size;
    if (offset < 0 || offset >= end) {
      throw new ErrnoException(Errno.ENXIO, "lseek");
    }
    for (long position = offset; position < end; ) {
      boolean present = isPresent(position >>> BlockMap.BLOCK_BITS);
      long runEnd = runEnd(position, end, present);
      long found = seekIn(present ? upper : lower, position, whence);
      if (found >= 0 && found < runEnd) {
        return found;
      }
      position = runEnd;
    }
    if (whence == Fd.SEEK_HOLE) {
      return end;
    }
    throw new ErrnoException(Errno.ENXIO, "lseek");
  }

  private static long seekIn(int fd, long position, int whence) throws ErrnoException {
    try {
      return Fd.seek(fd, position, whence);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENXIO) {
        return -1;
      }
      throw e;
    }
  }
}
