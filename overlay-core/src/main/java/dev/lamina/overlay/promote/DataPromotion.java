package dev.lamina.overlay.promote;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
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
  private static final Name CAPABILITY = Name.of("security.capability");
  private static final int CAPABILITY_MAX = 64;

  /** Of linux/falloc.h. */
  private static final int KEEP_SIZE = 1;

  private static final int PUNCH_HOLE = 2;

  private final XattrNamespace xattrs;
  private final TreeLock lock;
  private final boolean durable;

  /** For uppers whose private xattrs are {@code xattrs}; {@code durable} as for the promoter. */
  DataPromotion(XattrNamespace xattrs, TreeLock lock, boolean durable) {
    this.xattrs = xattrs;
    this.lock = lock;
    this.durable = durable;
  }

  /** Copies what lies below into the empty file {@code out}, up to {@code size} bytes. */
  static void copy(FileNode file, int out, long size) throws ErrnoException {
    int in = openLower(file);
    try {
      Stat below = new Stat();
      At.stat(in, below);
      DataCopy.copy(in, out, size, size == below.size);
    } finally {
      Fd.close(in);
    }
  }

  private static int openLower(FileNode file) throws ErrnoException {
    // No tree lock: lowers stay as they are.
    RealObject object = RealObject.ofData(file);
    try {
      return object.openQuietly(OpenFlags.O_RDONLY);
    } finally {
      object.letGo();
    }
  }

  /** Gives {@code file}, whose data is not its own, its data; under its monitor. */
  void bringUp(FileNode file) throws ErrnoException {
    int out = openUpper(file);
    try {
      if (!(file.data() instanceof DataSource.InUpper)) {
        fill(file, out);
      }
      own(file, out);
    } finally {
      Fd.close(out);
    }
  }

  /** As {@link #bringUp}, of a file that {@code touch} truncates to nothing. */
  void empty(FileNode file, LastTouch touch) throws ErrnoException {
    int out = openUpper(file);
    try {
      touch.on(out);
      // From here on nothing below counts, whatever becomes of the mark.
      file.moveData(DataSource.UPPER_MARKED);
      own(file, out);
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

  /** Copies the data and puts back what writing changes: times, capabilities, setuid. */
  private void fill(FileNode file, int out) throws ErrnoException {
    Stat before = new Stat();
    At.stat(out, before);
    NativeMemory capability = NativeMemory.allocate(CAPABILITY_MAX);
    int size = Xattr.get(out, CAPABILITY, capability, 0, CAPABILITY_MAX);
    try {
      copy(file, out, before.size);
    } catch (ErrnoException e) {
      giveBack(out, before.size, e);
      throw e;
    } finally {
      Stat after = new Stat();
      At.stat(out, after);
      if (after.mode != before.mode) {
        Fd.chmod(out, before.mode & FileMode.PERMISSIONS);
      }
      if (size >= 0) {
        Xattr.set(out, CAPABILITY, capability, 0, size, 0);
      }
      Fd.utimens(out, before.atime, before.atimeNanos, before.mtime, before.mtimeNanos);
    }
    if (durable) {
      Fd.sync(out);
    }
  }

  /** Frees what was copied in vain; never by truncation, which would show after a crash. */
  private static void giveBack(int out, long size, ErrnoException failure) {
    try {
      Fd.allocate(out, PUNCH_HOLE | KEEP_SIZE, 0, size);
    } catch (ErrnoException e) {
      failure.addSuppressed(e);
    }
  }
}
