package dev.lamina.overlay.data;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.node.DataSource;
import dev.lamina.overlay.node.FileNode;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A regular file whose data comes up block by block: what was written is in the upper's object, the
 * rest is still below. The upper's object is a metacopy all the while, so names, attributes and a
 * crash find nothing unusual; that it has data is known from the {@link MapFile} alone.
 *
 * <p>Bytes at and after {@link #lowerEnd} never come from below, nor do those of present blocks. If
 * the file is longer than {@code lowerEnd}, the block that {@code lowerEnd} is in is present.
 *
 * <p>Readers take no lock: a block is present from the moment its data is in the upper. Whoever
 * changes the file holds its node's monitor. When all blocks are present this stays usable, and
 * reads and writes the upper's object alone, for as long as somebody still has it.
 */
public final class PartialFile implements DataSource.Partial {
  private static final int SECTOR = 512;

  final FileNode node;

  /** The upper's object, open for reading and writing. */
  final int upper;

  /** What has the data below, open for reading. */
  final int lower;

  final BlockMap blocks;
  final MapFile map;

  /** Whether what the map promises has to outlive a power cut. */
  final boolean durable;

  private final long lowerBlocks;

  /** Uses of the descriptors, the file's own included; none any more at 0. */
  private final AtomicInteger uses = new AtomicInteger(1);

  /** Threads that wait to change the file, or do. */
  final AtomicInteger changers = new AtomicInteger();

  /** When the file was last changed by a user, of {@link System#nanoTime}. */
  volatile long lastChange = System.nanoTime();

  private volatile long lowerEnd;
  private volatile long size;
  private volatile Mtime keptMtime;
  private volatile boolean over;

  @GuardedBy("node")
  private NativeMemory block;

  /**
   * Takes over all three descriptors, that of the map too, when it returns.
   *
   * @param map read into {@code blocks} already
   */
  PartialFile(FileNode node, int upper, int lower, BlockMap blocks, MapFile map, boolean durable)
      throws ErrnoException {
    this.node = node;
    this.upper = upper;
    this.lower = lower;
    this.blocks = blocks;
    this.map = map;
    this.durable = durable;
    Stat stat = new Stat();
    At.stat(lower, stat);
    this.lowerBlocks = stat.blocks;
    long below = stat.size;
    At.stat(upper, stat);
    this.size = stat.size;
    this.lowerEnd = Math.min(Math.min(below, map.lowerEnd()), stat.size);
    this.keptMtime = map.keptMtime();
    synchronized (node) {
      if (size > lowerEnd) {
        fillBoundary();
      }
      Mtime real = keptMtime == null ? new Mtime(stat.mtime, stat.mtimeNanos) : keptMtime;
      Fd.utimens(upper, stat.atime, stat.atimeNanos, real.seconds(), real.nanos());
    }
  }

  /** Whether all data is in the upper's object and known to be. */
  boolean isOver() {
    return over;
  }

  @GuardedBy("node")
  void end() {
    over = true;
  }

  long size() {
    return size;
  }

  long lowerEnd() {
    return lowerEnd;
  }

  boolean isPresent(long block) {
    return block << BlockMap.BLOCK_BITS >= lowerEnd || blocks.has(block);
  }

  /** Turns the attributes of the upper's object into those of the file. */
  public void present(Stat stat) {
    Mtime kept = keptMtime;
    if (kept != null) {
      stat.mtime = kept.seconds();
      stat.mtimeNanos = kept.nanos();
    }
    long below = Math.min(lowerBlocks, (lowerEnd + SECTOR - 1) / SECTOR);
    stat.blocks = Math.max(stat.blocks, below);
  }

  /**
   * Reads as {@code pread}.
   *
   * @param fd the caller's descriptor of the upper's object
   */
  public int read(int fd, NativeMemory memory, int at, int length, long offset)
      throws ErrnoException {
    if (!hold()) {
      return Fd.pread(fd, memory, at, length, offset);
    }
    try {
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
    } finally {
      letGo();
    }
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
  public long seek(int fd, long offset, int whence) throws ErrnoException {
    if (!hold()) {
      return Fd.seek(fd, offset, whence);
    }
    try {
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
    } finally {
      letGo();
    }
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

  /** Writes as {@code pwrite}, at the end where {@code appends}. */
  public int write(int fd, boolean appends, NativeMemory memory, int at, int length, long offset)
      throws ErrnoException {
    changers.incrementAndGet();
    try {
      synchronized (node) {
        if (over || length == 0) {
          return Fd.pwrite(fd, memory, at, length, offset);
        }
        long start = appends ? size : offset;
        beforeChange(start, start + length);
        int done = 0;
        try {
          while (done < length) {
            done += Fd.pwrite(fd, memory, at + done, length - done, start + done);
          }
        } catch (ErrnoException e) {
          if (done == 0) {
            throw e;
          }
        }
        size = Math.max(size, start + done);
        return (int) (afterChange(start, start + done) - start);
      }
    } finally {
      changers.decrementAndGet();
    }
  }

  /** {@code ftruncate}; under the node's monitor, as long as this is where its data is. */
  public void truncate(long newSize) throws ErrnoException {
    synchronized (node) {
      if (newSize > size) {
        beforeChange(newSize, newSize);
      } else {
        touched();
      }
      Fd.truncate(upper, newSize);
      size = newSize;
      lowerEnd = Math.min(lowerEnd, newSize);
    }
  }

  /** Whether {@link #allocate} knows {@code mode}: it moves no data to another place. */
  public static boolean canAllocate(int mode) {
    int known = Fd.FALLOC_FL_KEEP_SIZE | Fd.FALLOC_FL_PUNCH_HOLE | Fd.FALLOC_FL_ZERO_RANGE;
    return (mode & ~known) == 0;
  }

  /** {@code fallocate} with a mode that {@link #canAllocate}. */
  public void allocate(int fd, int mode, long offset, long length) throws ErrnoException {
    changers.incrementAndGet();
    try {
      synchronized (node) {
        if (over) {
          Fd.allocate(fd, mode, offset, length);
          return;
        }
        boolean grows = (mode & Fd.FALLOC_FL_KEEP_SIZE) == 0;
        boolean clears = (mode & (Fd.FALLOC_FL_PUNCH_HOLE | Fd.FALLOC_FL_ZERO_RANGE)) != 0;
        long end = grows ? offset + length : Math.min(offset + length, size);
        if (clears && offset < end) {
          beforeChange(offset, end);
        } else {
          beforeChange(Math.min(size, end), end);
        }
        Fd.allocate(fd, mode, offset, length);
        size = Math.max(size, end);
        if (clears && offset < end) {
          afterChange(offset, end);
        }
      }
    } finally {
      changers.decrementAndGet();
    }
  }

  /**
   * Before a user changes attributes: the times shown are the real ones from now on. As for {@link
   * #truncate}.
   */
  public void beforeAttributeChange() throws ErrnoException {
    synchronized (node) {
      touched();
    }
  }

  @GuardedBy("node")
  private void touched() throws ErrnoException {
    lastChange = System.nanoTime();
    if (keptMtime != null) {
      map.keepMtime(null);
      keptMtime = null;
    }
  }

  /** The mtime shown is the present one from now on, whatever is written, until a user's change. */
  @GuardedBy("node")
  void keepMtime(Stat now) throws ErrnoException {
    if (keptMtime == null) {
      Mtime kept = new Mtime(now.mtime, now.mtimeNanos);
      map.keepMtime(kept);
      keptMtime = kept;
    }
  }

  /** Makes the blocks present that a change of the given bytes touches in part. */
  @GuardedBy("node")
  private void beforeChange(long start, long end) throws ErrnoException {
    touched();
    if (end > lowerEnd) {
      fillBoundary();
      if (map.lowerEnd() > lowerEnd && end > size) {
        forgetBeyond();
      }
    }
    if (start == end) {
      return;
    }
    if (start % BlockMap.BLOCK != 0) {
      fill(start >>> BlockMap.BLOCK_BITS);
    }
    if (end % BlockMap.BLOCK != 0) {
      fill(end >>> BlockMap.BLOCK_BITS);
    }
  }

  /**
   * Before a file that was cut grows: with the old mark, what was cut off would be back after a
   * power cut.
   */
  @GuardedBy("node")
  private void forgetBeyond() throws ErrnoException {
    if (durable) {
      Fd.syncData(upper);
    }
    map.writeLowerEnd(lowerEnd);
    if (durable) {
      map.sync();
    }
  }

  @GuardedBy("node")
  private void fillBoundary() throws ErrnoException {
    if (lowerEnd % BlockMap.BLOCK != 0) {
      fill(lowerEnd >>> BlockMap.BLOCK_BITS);
    }
  }

  /** Copies a block from below, if it is absent. */
  @GuardedBy("node")
  private void fill(long index) throws ErrnoException {
    if (isPresent(index)) {
      return;
    }
    if (block == null) {
      block = NativeMemory.allocatePageAligned(BlockMap.BLOCK);
    }
    long start = index << BlockMap.BLOCK_BITS;
    int length = (int) Math.min(BlockMap.BLOCK, lowerEnd - start);
    for (int got = 0; got < length; ) {
      int more = Fd.pread(lower, block, got, length - got, start + got);
      if (more == 0) {
        throw new ErrnoException(Errno.EIO, "lower file shrank while it was promoted");
      }
      got += more;
    }
    for (int done = 0; done < length; ) {
      done += Fd.pwrite(upper, block, done, length - done, start + done);
    }
    makePresent(index, index + 1);
  }

  /**
   * The given bytes are in the upper. Returns where what counts of them ends: before a last block
   * that was to be replaced as a whole, and was only in part.
   */
  @GuardedBy("node")
  private long afterChange(long start, long end) throws ErrnoException {
    long first = start >>> BlockMap.BLOCK_BITS;
    long last = end >>> BlockMap.BLOCK_BITS;
    boolean torn = end % BlockMap.BLOCK != 0 && !isPresent(last) && end < lowerEnd;
    if (torn && last << BlockMap.BLOCK_BITS <= start) {
      throw new ErrnoException(Errno.ENOSPC, "write of part of a block");
    }
    long counts = torn ? last << BlockMap.BLOCK_BITS : end;
    makePresent(first, BlockMap.blocksOf(counts));
    return counts;
  }

  /** All of these blocks that matter are in the upper: notes it, on disk first. */
  @GuardedBy("node")
  void makePresent(long from, long to) throws ErrnoException {
    if (blocks.nextAbsent(from, to) < to) {
      map.writeWritten(blocks, from, to);
      blocks.add(from, to);
    }
  }

  /** Keeps the descriptors open until {@link #letGo}; false where they are not any more. */
  boolean hold() {
    int count = uses.get();
    while (count > 0) {
      if (uses.compareAndSet(count, count + 1)) {
        return true;
      }
      count = uses.get();
    }
    return false;
  }

  /** Ends a hold, or the file's own use of its descriptors. */
  void letGo() {
    if (uses.decrementAndGet() == 0) {
      Fd.close(upper);
      Fd.close(lower);
      map.close();
    }
  }
}
