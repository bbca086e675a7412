package dev.lamina.fuse.session;

import dev.lamina.fuse.wire.In;
import dev.lamina.fuse.wire.Reply;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
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
    int at = In.BatchForget.SIZE;
    for (int i = 0; i < count; i++) {
      x.references.forget(
          x.request.getLong(at + In.ForgetOne.NODEID),
          x.request.getLong(at + In.ForgetOne.NLOOKUP));
      at += In.ForgetOne.SIZE;
    }
    return Exchange.NO_REPLY;
  }

  int getattr() throws ErrnoException {
    x.fileSystem.getattr(x.request.node(), x.stat);
    return x.reply.attributes(x.stat);
  }

  int statx() throws ErrnoException {
    x.fileSystem.getattr(x.request.node(), x.stat);
    return x.reply.statx(x.stat);
  }

  int setattr() throws ErrnoException {
    decodeChange();
    if (change.set == 0) {
      // The kernel asks so before a write to a setuid file, see HANDLE_KILLPRIV_V2; nothing is
      // to be promoted for that.
      return getattr();
    }
    boolean hasHandle = (x.request.getInt(In.Setattr.VALID) & In.Setattr.FATTR_FH) != 0;
    long handle = hasHandle ? x.request.getLong(In.Setattr.FH) : 0;
    x.fileSystem.setattr(x.caller(), x.request.node(), handle, change, x.stat);
    return x.reply.attributes(x.stat);
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
    return x.fileSystem.readlink(x.request.node(), x.reply.memory(), Reply.BODY, x.reply.room());
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
