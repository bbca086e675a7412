package dev.lamina.overlay.node;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import dev.lamina.overlay.owner.OwnerRecords;

/**
 * The object of a layer behind a node, held so that it stays where it is: its directory's
 * descriptor is pinned, and for an upper file the names of that directory are locked (entries of
 * the index change under the exclusive tree lock alone). Hold it under the shared tree lock, for
 * one or two system calls, and let go in a {@code finally}.
 *
 * <p>Each thread has one, {@link #ofThread}, so that holding allocates nothing.
 */
public final class RealObject {
  private static final ThreadLocal<RealObject> OF_THREAD = ThreadLocal.withInitial(RealObject::new);

  /** The name by which a directory's own descriptor reaches the directory itself. */
  private static final Name SELF = Name.of(".");

  private final Name name = new Name();

  /** What was pinned, or null for an orphan. */
  private LayerDir pinned;

  private DirNode locked;
  private int fd;

  /** {@link #name}, {@link #SELF}, or null when {@link #fd} is the object itself. */
  private Name entry;

  /** This thread's object, holding {@code node}. */
  public static RealObject ofThread(Node node) throws ErrnoException {
    RealObject object = OF_THREAD.get();
    object.hold(node);
    return object;
  }

  /**
   * This thread's object, holding what has the data of {@code file}, or is to have it where that is
   * {@linkplain DataSource.Partial partial}; what is {@linkplain DataSource.Unsought unsought} or
   * {@linkplain DataSource.Interrupted interrupted} is settled before.
   */
  public static RealObject ofData(FileNode file) throws ErrnoException {
    RealObject object = OF_THREAD.get();
    DataSource data = file.data();
    if (data instanceof FileNode.Home lower) {
      object.holdLower(lower);
    } else if (data instanceof DataSource.InUpper || data instanceof DataSource.Partial) {
      object.hold(file);
    } else {
      throw new IllegalStateException("data that nobody looked for");
    }
    return object;
  }

  /** This thread's object, holding an object of a lower: no lock is needed, lowers stay. */
  public static RealObject ofLower(FileNode.Home home) throws ErrnoException {
    RealObject object = OF_THREAD.get();
    object.holdLower(home);
    return object;
  }

  private void hold(Node node) throws ErrnoException {
    if (node instanceof DirNode directory) {
      pin(directory.top());
      entry = SELF;
      return;
    }
    FileNode file = (FileNode) node;
    while (true) {
      FileNode.Home lower = file.lowerHome();
      if (lower != null) {
        holdLower(lower);
        return;
      }
      IndexHome index = file.indexHome();
      if (index != null) {
        fd = index.directory();
        entry = name.set(index.name());
        return;
      }
      Link link = file.link();
      if (link == null) {
        fd = file.orphan();
        entry = null;
        return;
      }
      link.parent().lockNames();
      locked = link.parent();
      if (file.link() == link) {
        holdUpper(link);
        return;
      }
      letGo();
    }
  }

  private void holdLower(FileNode.Home lower) throws ErrnoException {
    pin(lower.directory());
    entry = name.set(lower.name());
  }

  private void holdUpper(Link link) throws ErrnoException {
    try {
      pin(link.parent().upper());
    } catch (ErrnoException | RuntimeException e) {
      letGo();
      throw e;
    }
    entry = name.set(link.name());
  }

  private void pin(LayerDir directory) throws ErrnoException {
    fd = directory.pin();
    pinned = directory;
  }

  /** Ends the hold. */
  public void letGo() {
    if (pinned != null) {
      pinned.unpin();
      pinned = null;
    }
    if (locked != null) {
      locked.unlockNames();
      locked = null;
    }
  }

  /** Attributes as the layer's filesystem has them. */
  public void stat(Stat out) throws ErrnoException {
    if (entry == null) {
      At.stat(fd, out);
    } else if (!At.stat(fd, entry, out)) {
      throw new ErrnoException(dev.lamina.linux.Errno.ESTALE, "stat " + entry);
    }
  }

  /** The layer that the object is an entry of, or null for one that has no name any more. */
  public Layer layer() {
    return pinned == null ? null : pinned.layer();
  }

  /** Puts what {@code records} say of the object into {@code stat}, its own attributes. */
  public void readOwner(OwnerRecords records, Stat stat) throws ErrnoException {
    if (entry == null) {
      records.read(fd, stat);
    } else {
      records.read(fd, entry, stat);
    }
  }

  /** Gives the object the owner and mode of {@code stat}, see {@link OwnerRecords#write}. */
  public void writeOwner(OwnerRecords records, Stat stat) throws ErrnoException {
    if (entry == null) {
      records.write(fd, stat);
    } else {
      records.write(fd, entry, stat);
    }
  }

  /** Opens the object itself; the descriptor is the caller's. */
  public int open(int flags) throws ErrnoException {
    return entry == null ? Fd.reopen(fd, flags) : At.open(fd, entry, flags, 0);
  }

  /** As {@link #open}, of a lower object, whose access time is not to move. */
  public int openQuietly(int flags) throws ErrnoException {
    return entry == null ? Fd.reopen(fd, flags) : At.openQuietly(fd, entry, flags);
  }

  /** An {@code O_PATH} descriptor that leads to the object even when its name is gone. */
  public int openPath() throws ErrnoException {
    return entry == null ? Fd.duplicate(fd) : At.open(fd, entry, OpenFlags.O_PATH, 0);
  }

  /** Target of a symbolic link into memory; bytes of it, cut off at {@code size}. */
  public int readlink(NativeMemory target, int at, int size) throws ErrnoException {
    return entry == null
        ? Fd.readlinkPath(fd, target, at, size)
        : At.readlink(fd, entry, target, at, size);
  }

  /** Changes owner and group; -1 leaves one as it is. */
  public void chown(int uid, int gid) throws ErrnoException {
    if (entry == null) {
      Fd.chownPath(fd, uid, gid);
    } else {
      At.chown(fd, entry, uid, gid);
    }
  }

  /** Changes the permissions. */
  public void chmod(int mode) throws ErrnoException {
    if (entry == null) {
      Fd.chmodPath(fd, mode);
    } else {
      At.chmod(fd, entry, mode);
    }
  }

  /** Changes the times; nanoseconds may be {@code UTIME_NOW} or {@code UTIME_OMIT}. */
  public void utimens(long atime, int atimeNanos, long mtime, int mtimeNanos)
      throws ErrnoException {
    if (entry == null) {
      Fd.utimensPath(fd, atime, atimeNanos, mtime, mtimeNanos);
    } else {
      At.utimens(fd, entry, atime, atimeNanos, mtime, mtimeNanos);
    }
  }

  /** Size of the value, or -1 where absent. */
  public int getxattr(Name attribute, NativeMemory value, int at, int size) throws ErrnoException {
    return entry == null
        ? Xattr.get(fd, attribute, value, at, size)
        : Xattr.get(fd, entry, attribute, value, at, size);
  }

  /** Sets an extended attribute; {@code flags} as for {@link dev.lamina.linux.Xattr}. */
  public void setxattr(Name attribute, NativeMemory value, int at, int size, int flags)
      throws ErrnoException {
    if (entry == null) {
      Xattr.set(fd, attribute, value, at, size, flags);
    } else {
      Xattr.set(fd, entry, attribute, value, at, size, flags);
    }
  }

  /** Names of extended attributes, each ended by a NUL; how many bytes they take. */
  public int listxattr(NativeMemory list, int at, int size) throws ErrnoException {
    return entry == null ? Xattr.list(fd, list, at, size) : Xattr.list(fd, entry, list, at, size);
  }

  /** Removes an extended attribute. */
  public void removexattr(Name attribute) throws ErrnoException {
    if (entry == null) {
      Xattr.remove(fd, attribute);
    } else {
      Xattr.remove(fd, entry, attribute);
    }
  }
}
