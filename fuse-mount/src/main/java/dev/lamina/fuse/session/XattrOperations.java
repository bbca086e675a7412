package dev.lamina.fuse.session;

import dev.lamina.fuse.wire.In;
import dev.lamina.fuse.wire.InitFlags;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;

/** Requests on extended attributes. */
final class XattrOperations {
  private final Exchange x;
  private final Privileges privileges;

  XattrOperations(Exchange exchange, Privileges privileges) {
    this.x = exchange;
    this.privileges = privileges;
  }

  int getxattr() throws ErrnoException {
    x.request.name(In.Getxattr.SIZE, x.name);
    int room = room();
    int size = x.fileSystem.getxattr(x.request.node(), x.name, x.reply.body(), 0, room);
    if (size < 0) {
      throw new ErrnoException(Errno.ENODATA, "getxattr");
    }
    return room == 0 ? x.reply.xattrSize(size) : size;
  }

  int listxattr() throws ErrnoException {
    int room = room();
    int size = x.fileSystem.listxattr(x.caller(), x.request.node(), x.reply.body(), 0, room);
    return room == 0 ? x.reply.xattrSize(size) : size;
  }

  private int room() {
    return Math.min(x.request.getInt(In.Getxattr.COUNT), x.reply.room());
  }

  int setxattr() throws ErrnoException {
    boolean extended = x.protocol.has(InitFlags.SETXATTR_EXT);
    int value = x.request.name(extended ? In.Setxattr.SIZE : In.Setxattr.COMPAT_SIZE, x.name);
    int size = x.request.getInt(In.Setxattr.COUNT);
    if (size < 0 || size > x.request.bodyLength() - value) {
      throw new IllegalArgumentException("request ends within its value");
    }
    x.fileSystem.setxattr(
        x.caller(),
        x.request.node(),
        x.name,
        x.request.payload(),
        x.request.position(value),
        size,
        x.request.getInt(In.Setxattr.FLAGS));
    if (extended
        && (x.request.getInt(In.Setxattr.SETXATTR_FLAGS) & In.Setxattr.FUSE_SETXATTR_ACL_KILL_SGID)
            != 0) {
      privileges.killSetgid(x.request.node());
    }
    x.changed(x.request.node());
    return 0;
  }

  int removexattr() throws ErrnoException {
    x.request.name(0, x.name);
    x.fileSystem.removexattr(x.caller(), x.request.node(), x.name);
    x.changed(x.request.node());
    return 0;
  }
}
