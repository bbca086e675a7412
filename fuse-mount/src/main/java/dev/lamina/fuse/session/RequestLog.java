package dev.lamina.fuse.session;

import dev.lamina.fuse.wire.In;
import dev.lamina.fuse.wire.InitFlags;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.fuse.wire.Reply;
import dev.lamina.fuse.wire.Request;
import dev.lamina.linux.Errno;
import dev.lamina.linux.Name;
import dev.lamina.linux.Printable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A line for each request, at level "debug": kind, inode, names, who asked, the outcome and the
 * time it took. There is none of these where nobody wants that, which then costs nothing. One
 * belongs to one worker; not thread-safe.
 */
final class RequestLog {
  private static final Logger log = LoggerFactory.getLogger(RequestLog.class);
  private static final int NONE = -1;
  private static final int NANOS_PER_MICRO = 1000;

  private final Name name = new Name();
  private final StringBuilder line = new StringBuilder(96);
  private final boolean extendedSetxattr;
  private long started;

  private RequestLog(Protocol protocol) {
    extendedSetxattr = protocol.has(InitFlags.SETXATTR_EXT);
  }

  /** Null unless the level asks for it now. */
  static RequestLog create(Protocol protocol) {
    return log.isDebugEnabled() ? new RequestLog(protocol) : null;
  }

  /** Before a request is served: its reply may come to lie where it lies. */
  void begin(Request request) {
    int opcode = request.opcode();
    line.setLength(0);
    line.append(Opcode.name(opcode)).append(" node=").append(request.node());
    addNames(request, opcode);
    if (opcode == Opcode.READ || opcode == Opcode.WRITE) {
      // Both structs begin alike.
      line.append(" offset=").append(request.getLong(In.Read.OFFSET));
      line.append(" size=").append(Integer.toUnsignedString(request.getInt(In.Read.COUNT)));
    }
    line.append(" pid=").append(request.pid()).append(": ");
    started = System.nanoTime();
  }

  /**
   * After it was served.
   *
   * @param replied whether {@code reply} is to be sent
   */
  void end(Reply reply, boolean replied) {
    long micros = (System.nanoTime() - started) / NANOS_PER_MICRO;
    if (!replied) {
      line.append("no reply");
    } else if (reply.errno() != 0) {
      line.append(Errno.describe(reply.errno()));
    } else {
      line.append("ok");
    }
    log.debug("{}, {} us", line, micros);
  }

  private void addNames(Request request, int opcode) {
    int at = firstName(opcode);
    if (at == NONE) {
      return;
    }
    try {
      int second = request.name(at, name);
      line.append(" name=").append(Printable.of(name.toBytes()));
      if (opcode == Opcode.RENAME || opcode == Opcode.RENAME2 || opcode == Opcode.SYMLINK) {
        request.name(second, name);
        line.append(opcode == Opcode.SYMLINK ? " target=" : " to=");
        line.append(Printable.of(name.toBytes()));
      }
    } catch (IllegalArgumentException e) {
      line.append(" (malformed)");
    }
  }

  /** Where the request's first name is, or {@link #NONE}. */
  private int firstName(int opcode) {
    return switch (opcode) {
      case Opcode.LOOKUP, Opcode.UNLINK, Opcode.RMDIR, Opcode.SYMLINK, Opcode.REMOVEXATTR -> 0;
      case Opcode.MKNOD -> In.Mknod.SIZE;
      case Opcode.MKDIR -> In.Mkdir.SIZE;
      case Opcode.LINK -> In.Link.SIZE;
      case Opcode.CREATE -> In.Create.SIZE;
      case Opcode.RENAME -> In.Rename.SIZE;
      case Opcode.RENAME2 -> In.Rename2.SIZE;
      case Opcode.GETXATTR -> In.Getxattr.SIZE;
      case Opcode.SETXATTR -> extendedSetxattr ? In.Setxattr.SIZE : In.Setxattr.COMPAT_SIZE;
      default -> NONE;
    };
  }
}
