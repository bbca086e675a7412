package dev.lamina.fuse.session;

import dev.lamina.fuse.metrics.Meter;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.fuse.wire.Reply;
import dev.lamina.fuse.wire.Request;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.overlay.InodeFileSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns a request into a call of the filesystem and its outcome into a reply. Knows nothing of how
 * the two travel. One belongs to one worker; not thread-safe.
 *
 * <p>An {@link ErrnoException} becomes its errno. Anything else thrown is a bug: it is logged, the
 * program that asked gets EIO, and the worker goes on.
 */
final class Dispatcher {
  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

  private final Meter meter;

  /** Null where requests are not logged. */
  private final RequestLog requestLog;

  private final Exchange x;
  private final NodeOperations nodes;
  private final NamespaceOperations names;
  private final FileOperations files;
  private final DirectoryOperations directories;
  private final XattrOperations xattrs;

  Dispatcher(
      InodeFileSystem fileSystem,
      KernelReferences references,
      Protocol protocol,
      KernelCache kernelCache,
      Meter meter,
      SessionOptions options) {
    this.meter = meter;
    requestLog = RequestLog.create(protocol);
    x = new Exchange(fileSystem, references, protocol, kernelCache, meter);
    Privileges privileges = new Privileges(x, kernelCache);
    nodes = new NodeOperations(x);
    names = new NamespaceOperations(x);
    files = new FileOperations(x, privileges, kernelCache, options.flushOnClose());
    directories = new DirectoryOperations(x);
    xattrs = new XattrOperations(x, privileges);
  }

  /**
   * Serves one request.
   *
   * @param reply has room for the largest read; may lie where the data of the request lie, but not
   *     where its names do
   * @return whether there is a reply, which some kinds of requests have not
   */
  boolean dispatch(Request request, Reply reply) {
    x.request = request;
    x.reply = reply;
    if (!request.isWellFormed()) {
      // Without a header there is nobody to answer.
      log.error("dropped a malformed request");
      return false;
    }
    if (requestLog == null) {
      return answer(request, reply);
    }
    requestLog.begin(request);
    boolean replies = answer(request, reply);
    requestLog.end(reply, replies);
    return replies;
  }

  private boolean answer(Request request, Reply reply) {
    int opcode = request.opcode();
    long unique = request.unique();
    long node = request.node();
    int errno = 0;
    meter.begin(opcode, node);
    try {
      int body = serve(opcode);
      if (body == Exchange.NO_REPLY) {
        return false;
      }
      reply.finish(unique, body);
      return true;
    } catch (ErrnoException e) {
      errno = e.errno();
      reply.error(unique, errno);
      return true;
    } catch (Throwable e) {
      log.error("{} of node {} failed", Opcode.name(opcode), node, e);
      errno = Errno.EIO;
      reply.error(unique, errno);
      return expectsReply(opcode);
    } finally {
      meter.end(errno);
      if (Errno.isOfHost(errno)) {
        tellFailure(opcode, node, errno);
      }
    }
  }

  /** Of a request that may be gone: its reply may lie where it lay. */
  private void tellFailure(int opcode, long node, int errno) {
    try {
      x.fileSystem.requestFailed(Opcode.name(opcode), node, errno);
    } catch (RuntimeException e) {
      log.error("the filesystem does not take note of an error", e);
    }
  }

  /** Takes back what the last reply handed out; for a reply that the kernel did not take. */
  void undoLast() {
    if (x.reply.bodyLength() > 0) {
      files.undoOpen();
    }
    x.references.undo(x.request.opcode(), x.reply);
  }

  private static boolean expectsReply(int opcode) {
    return opcode != Opcode.FORGET
        && opcode != Opcode.BATCH_FORGET
        && opcode != Opcode.INTERRUPT
        && opcode != Opcode.NOTIFY_REPLY;
  }

  /** Length of the reply's body, or {@link Exchange#NO_REPLY}. */
  private int serve(int opcode) throws ErrnoException {
    return switch (opcode) {
      case Opcode.LOOKUP -> nodes.lookup();
      case Opcode.FORGET -> nodes.forget();
      case Opcode.BATCH_FORGET -> nodes.batchForget();
      case Opcode.GETATTR -> nodes.getattr();
      case Opcode.STATX -> nodes.statx();
      case Opcode.SETATTR -> nodes.setattr();
      case Opcode.READLINK -> nodes.readlink();
      case Opcode.IOCTL -> nodes.ioctl();
      case Opcode.STATFS -> nodes.statfs();
      case Opcode.SYNCFS -> nodes.syncfs();

      case Opcode.MKNOD -> names.mknod();
      case Opcode.MKDIR -> names.mkdir();
      case Opcode.SYMLINK -> names.symlink();
      case Opcode.LINK -> names.link();
      case Opcode.UNLINK -> names.unlink();
      case Opcode.RMDIR -> names.rmdir();
      case Opcode.RENAME -> names.rename();
      case Opcode.RENAME2 -> names.rename2();

      case Opcode.OPEN -> files.open();
      case Opcode.CREATE -> files.create();
      case Opcode.TMPFILE -> files.tmpfile();
      case Opcode.READ -> files.read();
      case Opcode.WRITE -> files.write();
      case Opcode.FLUSH -> files.flush();
      case Opcode.FSYNC -> files.fsync();
      case Opcode.RELEASE -> files.release();
      case Opcode.LSEEK -> files.lseek();
      case Opcode.FALLOCATE -> files.fallocate();
      case Opcode.COPY_FILE_RANGE -> files.copyFileRange();
      case Opcode.COPY_FILE_RANGE_64 -> files.copyFileRange64();

      case Opcode.OPENDIR -> directories.opendir();
      case Opcode.READDIR -> directories.readdir(false);
      case Opcode.READDIRPLUS -> directories.readdir(true);
      case Opcode.FSYNCDIR -> directories.fsyncdir();
      case Opcode.RELEASEDIR -> directories.releasedir();

      case Opcode.GETXATTR -> xattrs.getxattr();
      case Opcode.LISTXATTR -> xattrs.listxattr();
      case Opcode.SETXATTR -> xattrs.setxattr();
      case Opcode.REMOVEXATTR -> xattrs.removexattr();

      // Operations are short, so none is cut off. The protocol lets a server ignore interrupts
      // altogether (Documentation/filesystems/fuse.rst), and with nothing remembered a late one
      // cannot hit another request.
      case Opcode.INTERRUPT, Opcode.NOTIFY_REPLY -> Exchange.NO_REPLY;
      case Opcode.DESTROY -> 0;
      // ACCESS, POLL, BMAP, locks: the kernel remembers this answer and does without.
      default -> throw new ErrnoException(Errno.ENOSYS, Opcode.name(opcode));
    };
  }
}
