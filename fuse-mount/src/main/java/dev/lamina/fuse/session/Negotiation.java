package dev.lamina.fuse.session;

import static dev.lamina.fuse.wire.InitFlags.ALLOW_IDMAP;
import static dev.lamina.fuse.wire.InitFlags.ASYNC_DIO;
import static dev.lamina.fuse.wire.InitFlags.ASYNC_READ;
import static dev.lamina.fuse.wire.InitFlags.ATOMIC_O_TRUNC;
import static dev.lamina.fuse.wire.InitFlags.BIG_WRITES;
import static dev.lamina.fuse.wire.InitFlags.CACHE_SYMLINKS;
import static dev.lamina.fuse.wire.InitFlags.DONT_MASK;
import static dev.lamina.fuse.wire.InitFlags.DO_READDIRPLUS;
import static dev.lamina.fuse.wire.InitFlags.EXPLICIT_INVAL_DATA;
import static dev.lamina.fuse.wire.InitFlags.HANDLE_KILLPRIV_V2;
import static dev.lamina.fuse.wire.InitFlags.INIT_EXT;
import static dev.lamina.fuse.wire.InitFlags.MAX_PAGES;
import static dev.lamina.fuse.wire.InitFlags.NO_OPENDIR_SUPPORT;
import static dev.lamina.fuse.wire.InitFlags.OVER_IO_URING;
import static dev.lamina.fuse.wire.InitFlags.PARALLEL_DIROPS;
import static dev.lamina.fuse.wire.InitFlags.PASSTHROUGH;
import static dev.lamina.fuse.wire.InitFlags.POSIX_ACL;
import static dev.lamina.fuse.wire.InitFlags.SETXATTR_EXT;
import static dev.lamina.fuse.wire.InitFlags.WRITEBACK_CACHE;

import dev.lamina.fuse.wire.In;
import dev.lamina.fuse.wire.Out;
import dev.lamina.fuse.wire.Reply;
import dev.lamina.fuse.wire.Request;
import dev.lamina.linux.Errno;
import dev.lamina.linux.NativeMemory;

/**
 * The agreement with the kernel at the start of a connection, by the rules in linux/fuse.h: equal
 * majors use the smaller minor; a kernel with a larger major is told ours and asks again.
 *
 * <p>What is asked for, where the kernel offers it, and why:
 *
 * <ul>
 *   <li>ASYNC_READ, ASYNC_DIO, PARALLEL_DIROPS: the core serves any number of threads at once.
 *   <li>ATOMIC_O_TRUNC: one request opens and truncates, so that no data is promoted for nothing.
 *   <li>BIG_WRITES, MAX_PAGES: data in pieces of up to 1 MiB.
 *   <li>DO_READDIRPLUS, and not READDIRPLUS_AUTO: a directory brings its nodes along. With AUTO it
 *       is the first piece alone that does, since programs read a directory to its end before they
 *       look at its entries; each name after that cost a LOOKUP.
 *   <li>NO_OPENDIR_SUPPORT: reading a directory that is cached asks nothing at all.
 *   <li>POSIX_ACL with DONT_MASK: the kernel checks ACLs; the umask is left to the layer below,
 *       which knows whether a default ACL takes its place.
 *   <li>HANDLE_KILLPRIV_V2: no GETXATTR of security.capability before each write. The dispatcher
 *       clears setuid and setgid where a request says so; capabilities and chown are cleared by the
 *       filesystem of the layer.
 *   <li>SETXATTR_EXT: tells when setting an ACL clears setgid.
 *   <li>ALLOW_IDMAP: binds of the mount may be idmapped; the kernel does the mapping. In turn it
 *       names the caller in requests that create something only.
 *   <li>PASSTHROUGH, unless it is not wanted: see {@link PassthroughPolicy}. The kernel has it or
 *       WRITEBACK_CACHE, which is asked for where there is no other and somebody wants it: it owns
 *       sizes and times then, and reports what a full device refuses when a file is closed.
 *   <li>OVER_IO_URING, where the session has a ring: requests are served on the CPU they come from.
 *   <li>CACHE_SYMLINKS, EXPLICIT_INVAL_DATA: caches last, as nobody but the mount changes the tree.
 * </ul>
 *
 * <p>What is not: the two LOCKS (the kernel keeps the locks of a local filesystem itself),
 * AUTO_INVAL_DATA (it drops pages whenever an mtime moves), EXPORT_SUPPORT (lookups of dot names).
 */
final class Negotiation {
  static final int MAJOR = 7;
  static final int OLDEST_MINOR = 31;
  static final int NEWEST_MINOR = 45;

  private static final long WANTED =
      ASYNC_READ
          | ATOMIC_O_TRUNC
          | BIG_WRITES
          | DONT_MASK
          | DO_READDIRPLUS
          | ASYNC_DIO
          | PARALLEL_DIROPS
          | POSIX_ACL
          | MAX_PAGES
          | CACHE_SYMLINKS
          | EXPLICIT_INVAL_DATA
          | HANDLE_KILLPRIV_V2
          | SETXATTR_EXT
          | NO_OPENDIR_SUPPORT
          | INIT_EXT
          | ALLOW_IDMAP;

  /** Requests that may be under way without anybody waiting: readahead, releases. */
  private static final int MAX_BACKGROUND = 64;

  /** Files in passthrough lie on filesystems that stand on no others, and one may stand on us. */
  private static final int STACK_DEPTH = 1;

  private Negotiation() {}

  /** What came of one INIT request. */
  sealed interface Outcome {}

  /** The connection may be served. */
  record Agreed(Protocol protocol) implements Outcome {}

  /** The kernel's major is larger; it will send another INIT. */
  record AskAgain() implements Outcome {}

  /** The kernel is too old. */
  record Refused(String reason) implements Outcome {}

  /**
   * Answers an INIT request, in any case.
   *
   * @param overIoUring whether to ask for that too
   */
  static Outcome answer(Request request, Reply reply, SessionOptions options, boolean overIoUring) {
    NativeMemory body = reply.body();
    int major = request.getInt(In.Init.MAJOR);
    int minor = request.getInt(In.Init.MINOR);
    body.zero(0, Out.Init.SIZE);
    body.putInt(Out.Init.MAJOR, MAJOR);
    body.putInt(Out.Init.MINOR, Math.min(minor, NEWEST_MINOR));
    if (major > MAJOR) {
      body.putInt(Out.Init.MINOR, NEWEST_MINOR);
      reply.finish(request.unique(), Out.Init.SIZE);
      return new AskAgain();
    }
    if (major < MAJOR || minor < OLDEST_MINOR) {
      reply.error(request.unique(), Errno.EPROTO);
      return new Refused(
          "the kernel speaks FUSE protocol %d.%d, at least %d.%d is needed"
              .formatted(major, minor, MAJOR, OLDEST_MINOR));
    }
    long offered = offered(request);
    long wanted = WANTED;
    if (options.passthrough() != PassthroughPolicy.OFF && (offered & PASSTHROUGH) != 0) {
      wanted |= PASSTHROUGH;
    } else if (options.writeback()) {
      wanted |= WRITEBACK_CACHE;
    }
    if (overIoUring) {
      wanted |= OVER_IO_URING;
    }
    Protocol protocol = new Protocol(Math.min(minor, NEWEST_MINOR), offered & wanted);
    write(protocol, request.getInt(In.Init.MAX_READAHEAD), options.maxWrite(), body);
    reply.finish(request.unique(), Out.Init.SIZE);
    return new Agreed(protocol);
  }

  private static long offered(Request request) {
    long flags = Integer.toUnsignedLong(request.getInt(In.Init.FLAGS));
    if ((flags & INIT_EXT) != 0) {
      flags |= (long) request.getInt(In.Init.FLAGS2) << 32;
    }
    return flags;
  }

  private static void write(Protocol protocol, int maxReadahead, int maxWrite, NativeMemory m) {
    m.putInt(Out.Init.MAX_READAHEAD, maxReadahead);
    m.putInt(Out.Init.FLAGS, (int) protocol.flags());
    m.putInt(Out.Init.FLAGS2, (int) (protocol.flags() >>> 32));
    m.putShort(Out.Init.MAX_BACKGROUND, (short) MAX_BACKGROUND);
    m.putShort(Out.Init.CONGESTION_THRESHOLD, (short) (MAX_BACKGROUND * 3 / 4));
    m.putInt(Out.Init.MAX_STACK_DEPTH, protocol.has(PASSTHROUGH) ? STACK_DEPTH : 0);
    m.putInt(Out.Init.MAX_WRITE, maxWrite);
    // Nanoseconds: times are kept as exactly as the layer below keeps them.
    m.putInt(Out.Init.TIME_GRAN, 1);
    // An entry of io_uring must have room for so many pages.
    m.putShort(Out.Init.MAX_PAGES, (short) Math.max(1, maxWrite / NativeMemory.pageSize()));
  }
}
