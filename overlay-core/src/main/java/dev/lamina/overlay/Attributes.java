package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.data.PartialFile;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.Node;
import dev.lamina.overlay.node.RealObject;
import dev.lamina.overlay.promote.Promoter;

/** Attributes of nodes: reading them, and changing them on the promoted object. */
final class Attributes {
  private static final Name CAPABILITY = Name.of("security.capability");

  private final Union union;

  Attributes(Union union) {
    this.union = union;
  }

  void get(Node node, Stat out) throws ErrnoException {
    union.lock.shared().lock();
    try {
      union.stat(node, out);
    } finally {
      union.lock.shared().unlock();
    }
  }

  int readlink(Node node, NativeMemory target, int at, int size) throws ErrnoException {
    if (node.type() != FileMode.S_IFLNK) {
      throw new ErrnoException(Errno.EINVAL, "readlink");
    }
    return union.onObject(node, object -> object.readlink(target, at, size));
  }

  /**
   * Applies {@code change}.
   *
   * @param openForWriting a descriptor of the promoted file, or -1
   */
  void set(Node node, int openForWriting, AttributeChange change, Stat out) throws ErrnoException {
    union.requireWritable();
    boolean resize = change.has(AttributeChange.SIZE);
    if (resize && node.type() != FileMode.S_IFREG) {
      throw new ErrnoException(node.isDirectory() ? Errno.EISDIR : Errno.EINVAL, "change of size");
    }
    union.promoter.promote(node, resize ? change.size : Promoter.NO_DATA);
    Union.changeAttributes(
        node,
        () -> {
          boolean resized = resize && resizePartial(node, change.size);
          apply(node, openForWriting, change, resized, out);
        });
  }

  /** Before any lock is taken, since data may have to be copied; false where nothing was done. */
  private static boolean resizePartial(Node node, long size) throws ErrnoException {
    if (((FileNode) node).data() instanceof PartialFile partial) {
      partial.truncate(size);
      return true;
    }
    return false;
  }

  private void apply(
      Node node, int openForWriting, AttributeChange change, boolean resized, Stat out)
      throws ErrnoException {
    union.lock.shared().lock();
    try {
      RealObject object = RealObject.ofThread(node);
      try {
        apply(object, openForWriting, change, resized, out);
      } finally {
        object.letGo();
      }
      union.stat(node, out);
    } finally {
      union.lock.shared().unlock();
    }
  }

  /** In an order in which no change undoes another: chown clears setuid, all move the times. */
  private static void apply(
      RealObject object, int openForWriting, AttributeChange change, boolean resized, Stat stat)
      throws ErrnoException {
    if (change.has(AttributeChange.UID | AttributeChange.GID)) {
      object.chown(
          change.has(AttributeChange.UID) ? change.uid : -1,
          change.has(AttributeChange.GID) ? change.gid : -1);
    }
    if (change.has(AttributeChange.MODE)) {
      object.chmod(change.mode & FileMode.PERMISSIONS);
    }
    if (change.has(AttributeChange.SIZE) && !resized) {
      resize(object, openForWriting, change.size);
    }
    if (change.has(AttributeChange.KILL_PRIVILEGES)) {
      killPrivileges(object, stat);
    }
    if (change.has(AttributeChange.ATIME | AttributeChange.MTIME)) {
      object.utimens(
          change.atime,
          nanos(change, AttributeChange.ATIME, AttributeChange.ATIME_NOW, change.atimeNanos),
          change.mtime,
          nanos(change, AttributeChange.MTIME, AttributeChange.MTIME_NOW, change.mtimeNanos));
    }
  }

  private static int nanos(AttributeChange change, int which, int now, int value) {
    if (change.has(now)) {
      return At.UTIME_NOW;
    }
    return change.has(which) ? value : At.UTIME_OMIT;
  }

  private static void resize(RealObject object, int openForWriting, long size)
      throws ErrnoException {
    if (openForWriting >= 0) {
      Fd.truncate(openForWriting, size);
      return;
    }
    int fd = object.open(OpenFlags.O_WRONLY | OpenFlags.O_NONBLOCK);
    try {
      Fd.truncate(fd, size);
    } finally {
      Fd.close(fd);
    }
  }

  /**
   * What a write by an ordinary user takes from a file: setuid, setgid where the group may execute,
   * capabilities. The server itself may keep them (CAP_FSETID), so it has to do it by hand.
   */
  private static void killPrivileges(RealObject object, Stat stat) throws ErrnoException {
    object.stat(stat);
    int mode = stat.mode & FileMode.PERMISSIONS & ~FileMode.S_ISUID;
    int setgidAndExecutable = FileMode.S_ISGID | 0010;
    if ((mode & setgidAndExecutable) == setgidAndExecutable) {
      mode &= ~FileMode.S_ISGID;
    }
    if (mode != (stat.mode & FileMode.PERMISSIONS)) {
      object.chmod(mode);
    }
    try {
      object.removexattr(CAPABILITY);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENODATA && e.errno() != Errno.EOPNOTSUPP) {
        throw e;
      }
    }
  }
}
