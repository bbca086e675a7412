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
import dev.lamina.overlay.owner.OwnerRecords;
import dev.lamina.overlay.promote.Promoter;

/** Attributes of nodes: reading them, and changing them on the promoted object. */
final class Attributes {
  private static final Name CAPABILITY = Name.of("security.capability");

  /** Asks for the size alone; nothing is ever written to it. */
  private static final NativeMemory NO_ROOM = NativeMemory.allocate(1);

  /** An owner that does not change, as chown(2) has it. */
  private static final int KEEP = -1;

  private final Union union;

  /** Whether owner and mode of the upper's objects are recorded, and the real ones stay. */
  private final boolean recorded;

  Attributes(Union union) {
    this.union = union;
    this.recorded = union.owners != OwnerRecords.NONE;
  }

  void get(Node node, Stat out) throws ErrnoException {
    union.lock.shared().lock();
    try {
      union.shown.stat(node, out);
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
    // Before anything happens: what fails must leave no trace, and promotion is one.
    int uid = change.has(AttributeChange.UID) ? union.ownership.storedUid(change.uid) : KEEP;
    int gid = change.has(AttributeChange.GID) ? union.ownership.storedGid(change.gid) : KEEP;
    boolean resized = resize && promoteResized(node, change.size);
    if (!resize) {
      union.promoter.promote(node, Promoter.NO_DATA);
    }
    try {
      Union.changeAttributes(
          node,
          () -> {
            boolean done = resized || (resize && resizePartial(node, change.size));
            apply(node, openForWriting, done, uid, gid, change, out);
          });
    } catch (ErrnoException e) {
      // Some of it may be done: whoever keeps attributes must ask again.
      union.announce(node.id());
      throw e;
    }
  }

  /** Brings up a file with its new size, in one step; false where its data is there already. */
  private boolean promoteResized(Node node, long size) throws ErrnoException {
    boolean[] done = {false};
    union.promoter.promote(
        node,
        size,
        copy -> {
          Fd.truncate(copy, size);
          done[0] = true;
        });
    return done[0];
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
      Node node,
      int openForWriting,
      boolean resized,
      int uid,
      int gid,
      AttributeChange change,
      Stat out)
      throws ErrnoException {
    union.lock.shared().lock();
    try {
      RealObject object = RealObject.ofThread(node);
      try {
        if (change.has(AttributeChange.UID | AttributeChange.GID | AttributeChange.MODE)) {
          changeOwner(object, uid, gid, change, out);
        }
        if (change.has(AttributeChange.SIZE) && !resized) {
          resize(object, openForWriting, change.size);
        }
        apply(object, change, out);
      } finally {
        object.letGo();
      }
      union.shown.stat(node, out);
    } finally {
      union.lock.shared().unlock();
    }
  }

  /** Owner, as stored or {@link #KEEP}, and mode. */
  private void changeOwner(RealObject object, int uid, int gid, AttributeChange change, Stat stat)
      throws ErrnoException {
    if (recorded) {
      recordOwner(object, uid, gid, change, stat);
      return;
    }
    // In this order: chown clears setuid.
    if (change.has(AttributeChange.UID | AttributeChange.GID)) {
      object.chown(uid, gid);
    }
    if (change.has(AttributeChange.MODE)) {
      object.chmod(change.mode & FileMode.PERMISSIONS);
    }
  }

  /** One write for both; what chown(2) takes from a file goes here as there. */
  private void recordOwner(RealObject object, int uid, int gid, AttributeChange change, Stat stat)
      throws ErrnoException {
    union.shown.statStored(object, stat);
    boolean chown = change.has(AttributeChange.UID | AttributeChange.GID);
    stat.uid = change.has(AttributeChange.UID) ? uid : stat.uid;
    stat.gid = change.has(AttributeChange.GID) ? gid : stat.gid;
    int mode = stat.mode & FileMode.PERMISSIONS;
    if (chown && !stat.isDirectory()) {
      mode = withoutPrivileges(mode);
      removeCapability(object);
    }
    if (change.has(AttributeChange.MODE)) {
      mode = change.mode & FileMode.PERMISSIONS;
    }
    stat.mode = (stat.mode & FileMode.S_IFMT) | mode;
    object.writeOwner(union.owners, stat);
  }

  /** After owner and size, in an order in which no change undoes another: all move the times. */
  private void apply(RealObject object, AttributeChange change, Stat stat) throws ErrnoException {
    if (change.has(AttributeChange.KILL_PRIVILEGES)) {
      killPrivileges(object, stat);
    }
    if (change.has(AttributeChange.KILL_SETGID)) {
      dropSetgid(object, stat);
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
  private void killPrivileges(RealObject object, Stat stat) throws ErrnoException {
    union.shown.statStored(object, stat);
    changeMode(object, stat, withoutPrivileges(stat.mode));
    removeCapability(object);
  }

  private void dropSetgid(RealObject object, Stat stat) throws ErrnoException {
    union.shown.statStored(object, stat);
    changeMode(object, stat, stat.mode & ~FileMode.S_ISGID);
  }

  private void changeMode(RealObject object, Stat stat, int mode) throws ErrnoException {
    if (mode == stat.mode) {
      return;
    }
    if (recorded) {
      stat.mode = mode;
      object.writeOwner(union.owners, stat);
    } else {
      object.chmod(mode & FileMode.PERMISSIONS);
    }
  }

  private static int withoutPrivileges(int mode) {
    int setgidAndExecutable = FileMode.S_ISGID | 0010;
    boolean dropsSetgid = (mode & setgidAndExecutable) == setgidAndExecutable;
    return mode & ~FileMode.S_ISUID & (dropsSetgid ? ~FileMode.S_ISGID : ~0);
  }

  private static void removeCapability(RealObject object) throws ErrnoException {
    // Asked first: without CAP_SETFCAP the removal of what is not there is EPERM.
    if (object.getxattr(CAPABILITY, NO_ROOM, 0, 0) >= 0) {
      object.removexattr(CAPABILITY);
    }
  }
}
