package dev.lamina.fuse.session;

import dev.lamina.fuse.wire.In;
import dev.lamina.linux.ErrnoException;

/** Requests that make, remove or move names. */
final class NamespaceOperations {
  private final Exchange x;

  NamespaceOperations(Exchange exchange) {
    this.x = exchange;
  }

  int mknod() throws ErrnoException {
    x.request.name(In.Mknod.SIZE, x.name);
    x.fileSystem.mknod(
        x.caller(x.request.getInt(In.Mknod.UMASK)),
        x.request.node(),
        x.name,
        x.request.getInt(In.Mknod.MODE),
        Integer.toUnsignedLong(x.request.getInt(In.Mknod.RDEV)),
        x.entry);
    return x.replyEntry();
  }

  int mkdir() throws ErrnoException {
    x.request.name(In.Mkdir.SIZE, x.name);
    x.fileSystem.mkdir(
        x.caller(x.request.getInt(In.Mkdir.UMASK)),
        x.request.node(),
        x.name,
        x.request.getInt(In.Mkdir.MODE),
        x.entry);
    return x.replyEntry();
  }

  int symlink() throws ErrnoException {
    int target = x.request.name(0, x.name);
    x.request.name(target, x.otherName);
    x.fileSystem.symlink(x.caller(), x.request.node(), x.name, x.otherName, x.entry);
    return x.replyEntry();
  }

  int link() throws ErrnoException {
    x.request.name(In.Link.SIZE, x.name);
    x.fileSystem.link(
        x.caller(), x.request.getLong(In.Link.OLDNODEID), x.request.node(), x.name, x.entry);
    return x.replyEntry();
  }

  int unlink() throws ErrnoException {
    x.request.name(0, x.name);
    x.fileSystem.unlink(x.caller(), x.request.node(), x.name);
    return 0;
  }

  int rmdir() throws ErrnoException {
    x.request.name(0, x.name);
    x.fileSystem.rmdir(x.caller(), x.request.node(), x.name);
    return 0;
  }

  int rename() throws ErrnoException {
    return rename(x.request.getLong(In.Rename.NEWDIR), 0, In.Rename.SIZE);
  }

  int rename2() throws ErrnoException {
    return rename(
        x.request.getLong(In.Rename2.NEWDIR), x.request.getInt(In.Rename2.FLAGS), In.Rename2.SIZE);
  }

  private int rename(long newParent, int flags, int names) throws ErrnoException {
    int second = x.request.name(names, x.name);
    x.request.name(second, x.otherName);
    x.fileSystem.rename(x.caller(), x.request.node(), x.name, newParent, x.otherName, flags);
    return 0;
  }
}
