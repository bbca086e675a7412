package dev.lamina.overlay.data;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.event.OverlayEvents;
import dev.lamina.overlay.node.DataSource;
import dev.lamina.overlay.node.FileNode;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A regular file whose data comes up block by block: what was written is in the upper's object, the
 * rest is still below. The upper's object is a metacopy all the while, so names, attributes and a
 * crash find nothing unusual; that it has data is known from the {@link MapFile} alone.
 *
 * <p>Readers take no lock, see {@link PartialContent}. Whoever changes the file holds its node's
 * monitor. When all blocks are present this stays usable, and reads and writes the upper's object
 * alone, for as long as somebody still has it.
 */
public final class PartialFile implements DataSource.Partial {
  final FileNode node;
  final PartialContent content;
  final MapFile map;

  /** Whether what the map promises has to outlive a power cut. */
  final boolean durable;

  @GuardedBy("node")
  private final ChangedBlocks changes;

  /** Uses of the descriptors, the file's own included; none any more at 0. */
  private final AtomicInteger uses = new AtomicInteger(1);

  /** How its coming up is told. */
  final OverlayEvents.Running running;

  /** Bytes that were copied because nobody had written them. */
  final AtomicLong copied = new AtomicLong();

  /** Threads that wait to change the file, or do. */
  final AtomicInteger changers = new AtomicInteger();

  /** When the file was last changed by a user, of {@link System#nanoTime}. */
  volatile long lastChange = System.nanoTime();

  private volatile Mtime keptMtime;
  private volatile boolean over;

  /**
   * Takes over all three descriptors, that of the map too, when it returns.
   *
   * @param map read into the blocks of {@code content} already
   */
  PartialFile(
      FileNode node,
      PartialContent content,
      MapFile map,
      boolean durable,
      OverlayEvents.Running running)
      throws ErrnoException {
    this.node = node;
    this.running = running;
    this.content = content;
    this.map = map;
    this.durable = durable;
    this.changes = new ChangedBlocks(content, map, durable);
    this.keptMtime = map.keptMtime();
    Stat stat = new Stat();
    At.stat(content.upper, stat);
    synchronized (node) {
      if (content.size() > content.lowerEnd()) {
        changes.fillBoundary();
      }
      Mtime real = keptMtime == null ? new Mtime(stat.mtime, stat.mtimeNanos) : keptMtime;
      Fd.utimens(content.upper, stat.atime, stat.atimeNanos, real.seconds(), real.nanos());
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

  /** Turns the attributes of the upper's object into those of the file. */
  public void present(Stat stat) {
    Mtime kept = keptMtime;
    if (kept != null) {
      stat.mtime = kept.seconds();
      stat.mtimeNanos = kept.nanos();
    }
    stat.blocks = content.allocated(stat.blocks);
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
      return content.read(fd, memory, at, length, offset);
    } finally {
      letGo();
    }
  }

  /** {@code lseek} with SEEK_DATA or SEEK_HOLE. */
  public long seek(int fd, long offset, int whence) throws ErrnoException {
    if (!hold()) {
      return Fd.seek(fd, offset, whence);
    }
    try {
      return content.seek(offset, whence);
    } finally {
      letGo();
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
        long start = appends ? content.size() : offset;
        touched();
        changes.before(start, start + length);
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
        content.resize(Math.max(content.size(), start + done));
        return (int) (changes.after(start, start + done) - start);
      }
    } finally {
      changers.decrementAndGet();
    }
  }

  /** {@code ftruncate}; under the node's monitor, as long as this is where its data is. */
  public void truncate(long newSize) throws ErrnoException {
    synchronized (node) {
      touched();
      if (newSize > content.size()) {
        changes.before(newSize, newSize);
      }
      Fd.truncate(content.upper, newSize);
      content.resize(newSize);
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
        touched();
        long size = content.size();
        boolean grows = (mode & Fd.FALLOC_FL_KEEP_SIZE) == 0;
        boolean clears = (mode & (Fd.FALLOC_FL_PUNCH_HOLE | Fd.FALLOC_FL_ZERO_RANGE)) != 0;
        long end = grows ? offset + length : Math.min(offset + length, size);
        if (clears && offset < end) {
          changes.before(offset, end);
        } else {
          changes.before(Math.min(size, end), end);
        }
        Fd.allocate(fd, mode, offset, length);
        content.resize(Math.max(size, end));
        if (clears && offset < end) {
          changes.after(offset, end);
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
      restoreMtime();
      map.keepMtime(null);
      keptMtime = null;
    }
  }

  /** Whatever the copier left, the upper's object has the mtime that is shown. */
  @GuardedBy("node")
  void restoreMtime() throws ErrnoException {
    Mtime kept = keptMtime;
    if (kept != null) {
      Fd.utimens(content.upper, 0, At.UTIME_OMIT, kept.seconds(), kept.nanos());
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

  /** The copier brought these blocks up. */
  @GuardedBy("node")
  void makePresent(long from, long to) throws ErrnoException {
    changes.makePresent(from, to);
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
      Fd.close(content.upper);
      Fd.close(content.lower);
      map.close();
    }
  }
}
