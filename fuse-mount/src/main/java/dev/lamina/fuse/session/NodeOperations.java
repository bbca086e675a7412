package dev.lamina.fuse.session;

import dev.lamina.fuse.wire.In;
import dev.lamina.fuse.wire.Out;
import dev.lamina.fuse.wire.Reply;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.StatFs;
import dev.lamina.overlay.AttributeChange;

/** Requests about one node as such: lookup and forget, attributes, link target. */
final class NodeOperations {
  private final Exchange x;
  private final AttributeChange change = new AttributeChange();
  private final StatFs statFs = new StatFs();

  NodeOperations(Exchange exchange) {
    this.x = exchange;
  }

  int lookup() throws ErrnoException {
    x.request.name(0, x.name);
    if (!x.fileSystem.lookup(x.request.node(), x.name, x.entry)) {
      return x.reply.negativeEntry();
    }
    return x.replyEntry();
  }

  int forget() {
    x.references.forget(x.request.node(), x.request.getLong(In.Forget.NLOOKUP));
    return Exchange.NO_REPLY;
  }

  int batchForget() {
    int count = x.request.getInt(In.BatchForget.COUNT);
    NativeMemory memory = x.request.payload();
    int at = x.request.position(In.BatchForget.SIZE);
    for (int i = 0; i < count; i++) {
      x.references.forget(
          memory.getLong(at + In.ForgetOne.NODEID), memory.getLong(at + In.ForgetOne.NLOOKUP));
      at += In.ForgetOne.SIZE;
    }
    return Exchange.NO_REPLY;
  }

  int getattr() throws ErrnoException {
    x.fileSystem.getattr(x.request.node(), x.stat);
    return x.replyAttributes(x.request.node());
  }

  int statx() throws ErrnoException {
    x.fileSystem.getattr(x.request.node(), x.stat);
    return x.reply.statx(x.stat, !x.references.ioModes().isVolatile(x.request.node()));
  }

  int setattr() throws ErrnoException {
    decodeChange();
    if (change.set == 0) {
      return killPrivileges();
    }
    if ((x.request.getInt(In.Setattr.VALID) & In.Setattr.FATTR_CTIME) != 0 && isNoChange()) {
      return x.replyAttributes(x.request.node());
    }
    boolean hasHandle = (x.request.getInt(In.Setattr.VALID) & In.Setattr.FATTR_FH) != 0;
    long handle = hasHandle ? x.request.getLong(In.Setattr.FH) : 0;
    if ((change.set & AttributeChange.SIZE) == 0) {
      x.fileSystem.setattr(x.caller(), x.request.node(), handle, change, x.stat);
    } else {
      truncate(handle);
    }
    x.changed(x.request.node());
    return x.replyAttributes(x.request.node());
  }

  /**
   * Under WRITEBACK_CACHE the kernel keeps the times of regular files and says them later on, all
   * of them at each change of ctime. A lower file whose name has gone is not promoted for that.
   */
  private boolean isNoChange() throws ErrnoException {
    if (change.set != AttributeChange.MTIME) {
      return false;
    }
    x.fileSystem.getattr(x.request.node(), x.stat);
    return x.stat.mtime == change.mtime && x.stat.mtimeNanos == change.mtimeNanos;
  }

  private void truncate(long handle) throws ErrnoException {
    IoModes modes = x.references.ioModes();
    modes.beginChange(x.request.node());
    try {
      x.fileSystem.setattr(x.caller(), x.request.node(), handle, change, x.stat);
    } finally {
      modes.endChange(x.request.node());
    }
  }

  /**
   * A change of nothing: what is left of the kernel's ATTR_KILL_SUID, ATTR_KILL_SGID and
   * ATTR_KILL_PRIV when it asks for no more than those, since with HANDLE_KILLPRIV_V2 the bits are
   * left to the server. Before fallocate or a copy by an ordinary user that means the bits; before
   * a write by root, capabilities alone, which the layer's filesystem takes away itself.
   */
  private int killPrivileges() throws ErrnoException {
    x.fileSystem.getattr(x.request.node(), x.stat);
    if (Privileges.areHeldBy(x.stat) && !Privileges.mayBeKept(x.request)) {
      change.set = AttributeChange.KILL_PRIVILEGES;
      x.fileSystem.setattr(x.caller(), x.request.node(), 0, change, x.stat);
      x.changed(x.request.node());
    }
    return x.replyAttributes(x.request.node());
  }

  private void decodeChange() {
    int valid = x.request.getInt(In.Setattr.VALID);
    change.set =
        bit(valid, In.Setattr.FATTR_MODE, AttributeChange.MODE)
            | bit(valid, In.Setattr.FATTR_UID, AttributeChange.UID)
            | bit(valid, In.Setattr.FATTR_GID, AttributeChange.GID)
            | bit(valid, In.Setattr.FATTR_SIZE, AttributeChange.SIZE)
            | bit(valid, In.Setattr.FATTR_ATIME, AttributeChange.ATIME)
            | bit(valid, In.Setattr.FATTR_MTIME, AttributeChange.MTIME)
            | bit(valid, In.Setattr.FATTR_ATIME_NOW, AttributeChange.ATIME_NOW)
            | bit(valid, In.Setattr.FATTR_MTIME_NOW, AttributeChange.MTIME_NOW)
            | bit(valid, In.Setattr.FATTR_KILL_SUIDGID, AttributeChange.KILL_PRIVILEGES);
    change.mode = x.request.getInt(In.Setattr.MODE) & FileMode.PERMISSIONS;
    change.uid = x.request.getInt(In.Setattr.UID);
    change.gid = x.request.getInt(In.Setattr.GID);
    change.size = x.request.getLong(In.Setattr.FILE_SIZE);
    change.atime = x.request.getLong(In.Setattr.ATIME);
    change.atimeNanos = x.request.getInt(In.Setattr.ATIMENSEC);
    change.mtime = x.request.getLong(In.Setattr.MTIME);
    change.mtimeNanos = x.request.getInt(In.Setattr.MTIMENSEC);
  }

  private static int bit(int valid, int from, int to) {
    return (valid & from) != 0 ? to : 0;
  }

  int readlink() throws ErrnoException {
    return x.fileSystem.readlink(x.request.node(), x.reply.body(), 0, x.reply.room());
  }

  /**
   * An ioctl with an argument of a size known to the kernel (its "restricted" kind), which is the
   * data that came along and then the data that goes back.
   */
  int ioctl() throws ErrnoException {
    int in = x.request.getInt(In.Ioctl.IN_SIZE);
    int out = x.request.getInt(In.Ioctl.OUT_SIZE);
    if (in < 0 || in > x.request.bodyLength() - In.Ioctl.SIZE) {
      throw new IllegalArgumentException("request ends within its argument");
    }
    int size = Math.max(in, out);
    if (out < 0 || size > x.reply.room() - Out.Ioctl.SIZE) {
      throw new ErrnoException(Errno.EINVAL, "ioctl with " + size + " bytes");
    }
    // Request and reply may lie in the same place.
    byte[] data = x.request.payload().copy(x.request.position(In.Ioctl.SIZE), in);
    x.reply.body().zero(Reply.IOCTL_DATA, size);
    x.reply.body().put(Reply.IOCTL_DATA, data, 0, in);
    x.fileSystem.ioctl(
        x.request.node(), x.request.getInt(In.Ioctl.CMD), x.reply.body(), Reply.IOCTL_DATA, size);
    return x.reply.ioctl(out);
  }

  int statfs() throws ErrnoException {
    x.fileSystem.statfs(statFs);
    return x.reply.statfs(statFs);
  }

  int syncfs() throws ErrnoException {
    x.fileSystem.syncfs();
    return 0;
  }
}
