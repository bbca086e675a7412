package dev.lamina.overlay.promote;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.data.DataCopy;
import dev.lamina.overlay.data.PartialFile;
import dev.lamina.overlay.data.PartialFiles;
import dev.lamina.overlay.data.Unseen;
import dev.lamina.overlay.event.OverlayEvents;
import dev.lamina.overlay.event.PromotionKind;
import dev.lamina.overlay.format.Metacopy;
import dev.lamina.overlay.format.XattrNamespace;
import dev.lamina.overlay.node.DataSource;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.RealObject;
import dev.lamina.overlay.node.TreeLock;

/**
 * Brings the data of a metacopy up, into the upper's own file, whose hard links all see it. The
 * mark goes last: until then the data below is what counts, however much was copied.
 */
final class DataPromotion {
  private final XattrNamespace xattrs;
  private final TreeLock lock;
  private final boolean durable;
  private final PartialFiles partials;
  private final OverlayEvents events;

  /** For uppers whose private xattrs are {@code xattrs}; {@code durable} as for the promoter. */
  DataPromotion(
      XattrNamespace xattrs,
      TreeLock lock,
      boolean durable,
      PartialFiles partials,
      OverlayEvents events) {
    this.events = events;
    this.xattrs = xattrs;
    this.partials = partials;
    this.lock = lock;
    this.durable = durable;
  }

  /**
   * Copies what lies below into the empty file {@code out}, up to {@code size} bytes.
   *
   * @return as {@link DataCopy#copy}
   */
  static long copy(FileNode file, int out, long size) throws ErrnoException {
    int in = openLower(file);
    try {
      Stat below = new Stat();
      At.stat(in, below);
      return DataCopy.copy(in, out, size, size == below.size);
    } finally {
      Fd.close(in);
    }
  }

  /** How {@code size} bytes came up, of which {@link DataCopy#copy} copied so many. */
  static PromotionKind kindOf(long size, long copied) {
    if (copied == DataCopy.SHARED) {
      return PromotionKind.REFLINK;
    }
    return size == 0 ? PromotionKind.METADATA : PromotionKind.COPY;
  }

  /** Lets the empty file {@code out} share all that lies below; false where it cannot. */
  static boolean share(FileNode file, int out) throws ErrnoException {
    int in = openLower(file);
    try {
      return Fd.cloneFrom(out, in);
    } finally {
      Fd.close(in);
    }
  }

  private static int openLower(FileNode file) throws ErrnoException {
    return openLower((FileNode.Home) file.data());
  }

  private static int openLower(FileNode.Home home) throws ErrnoException {
    // No tree lock: lowers stay as they are.
    RealObject object = RealObject.ofLower(home);
    try {
      return object.openQuietly(OpenFlags.O_RDONLY);
    } finally {
      object.letGo();
    }
  }

  /**
   * Does with {@code file}, whose data is not its own, what a change of its data needs; under its
   * monitor.
   *
   * @param dataLimit as {@link Promoter#promote} has it, not 0
   * @return whether its data is its own now
   */
  boolean bringUp(FileNode file, long dataLimit) throws ErrnoException {
    DataSource source = file.data();
    if (source instanceof PartialFile) {
      return false;
    }
    if (dataLimit != Promoter.ALL_DATA && source instanceof FileNode.Home home) {
      Boolean shared = inParts(file, home, dataLimit);
      if (shared != null) {
        return shared;
      }
    }
    own(file);
    return true;
  }

  /** Null where the file is not to come up block by block; else whether its data was shared. */
  private Boolean inParts(FileNode file, FileNode.Home home, long dataLimit) throws ErrnoException {
    int upper = openUpper(file);
    int lower = -1;
    boolean taken = false;
    try {
      Stat stat = new Stat();
      At.stat(upper, stat);
      if (!partials.wants(Math.min(stat.size, dataLimit))) {
        return null;
      }
      long size = stat.size;
      lower = openLower(home);
      At.stat(lower, stat);
      if (stat.size == size && shareAll(file, lower, upper)) {
        return true;
      }
      if (dataLimit == Promoter.TO_OPEN) {
        return false;
      }
      partials.start(file, upper, lower);
      taken = true;
      return false;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EOPNOTSUPP) {
        return null;
      }
      throw e;
    } finally {
      if (!taken) {
        Fd.close(upper);
        if (lower >= 0) {
          Fd.close(lower);
        }
      }
    }
  }

  /** Goes on with a file whose promotion was interrupted; under its monitor. */
  void resume(FileNode file, DataSource.Interrupted interrupted, FileNode.Home home)
      throws ErrnoException {
    int upper = openUpper(file);
    int lower = -1;
    boolean taken = false;
    try {
      lower = openLower(home);
      taken = partials.resume(file, upper, lower);
      if (!taken) {
        file.forgetInterruption(interrupted, home);
      }
    } finally {
      if (!taken) {
        Fd.close(upper);
        if (lower >= 0) {
          Fd.close(lower);
        }
      }
    }
  }

  private void own(FileNode file) throws ErrnoException {
    int out = openUpper(file);
    try {
      if (file.data() instanceof DataSource.InUpper) {
        own(file, out);
        return;
      }
      OverlayEvents.Running running = events.started(file);
      try {
        Stat stat = new Stat();
        At.stat(out, stat);
        long copied = fill(file, out);
        own(file, out);
        events.finished(running, kindOf(stat.size, copied), Math.max(copied, 0));
      } catch (ErrnoException | RuntimeException e) {
        events.failed(running, e);
        throw e;
      }
    } finally {
      Fd.close(out);
    }
  }

  /** False where blocks cannot be shared. */
  private boolean shareAll(FileNode file, int lower, int upper) throws ErrnoException {
    OverlayEvents.Running running = events.begun(file);
    if (!shareUnseen(lower, upper)) {
      return false;
    }
    own(file, upper);
    events.finished(running, PromotionKind.REFLINK, 0);
    return true;
  }

  /** As {@link #bringUp}, of a file that {@code touch} truncates to nothing. */
  void empty(FileNode file, LastTouch touch) throws ErrnoException {
    int out = openUpper(file);
    try {
      DataSource before = file.data();
      OverlayEvents.Running running = events.begun(file);
      touch.on(out);
      // From here on nothing below counts, whatever becomes of the mark.
      file.moveData(DataSource.UPPER_MARKED);
      if (before instanceof PartialFile partial) {
        partials.ended(partial);
      }
      own(file, out);
      if (!(before instanceof PartialFile)) {
        events.finished(running, PromotionKind.METADATA, 0);
      }
    } finally {
      Fd.close(out);
    }
  }

  private void own(FileNode file, int out) throws ErrnoException {
    // Nobody may look one of its names up meanwhile, find it marked, and believe that for ever.
    lock.exclusive().lock();
    try {
      Metacopy.unmark(out, xattrs);
      file.moveData(DataSource.UPPER);
    } finally {
      lock.exclusive().unlock();
    }
  }

  private int openUpper(FileNode file) throws ErrnoException {
    lock.shared().lock();
    try {
      RealObject object = RealObject.ofThread(file);
      try {
        return object.open(OpenFlags.O_RDWR);
      } finally {
        object.letGo();
      }
    } finally {
      lock.shared().unlock();
    }
  }

  private long fill(FileNode file, int out) throws ErrnoException {
    Unseen unseen = new Unseen(out);
    long copied;
    try {
      // What a promotion in parts left, if a power cut took its map.
      DataCopy.clear(out, 0, unseen.size());
      copied = copy(file, out, unseen.size());
    } catch (ErrnoException e) {
      giveBack(out, unseen.size(), e);
      throw e;
    } finally {
      unseen.restore();
    }
    if (durable) {
      Fd.sync(out);
    }
    return copied;
  }

  private boolean shareUnseen(int in, int out) throws ErrnoException {
    Unseen unseen = new Unseen(out);
    if (!Fd.cloneFrom(out, in)) {
      return false;
    }
    unseen.restore();
    if (durable) {
      Fd.sync(out);
    }
    return true;
  }

  /** Frees what was copied in vain; never by truncation, which would show after a crash. */
  private static void giveBack(int out, long size, ErrnoException failure) {
    try {
      Fd.allocate(out, Fd.FALLOC_FL_PUNCH_HOLE | Fd.FALLOC_FL_KEEP_SIZE, 0, size);
    } catch (ErrnoException e) {
      failure.addSuppressed(e);
    }
  }
}
