package dev.lamina.fuse.session;

import dev.lamina.fuse.metrics.Meter;
import dev.lamina.fuse.wire.Reply;
import dev.lamina.fuse.wire.Request;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.Caller;
import dev.lamina.overlay.Entry;
import dev.lamina.overlay.InodeFileSystem;

/**
 * One request on its way through one worker, and everything the worker reuses for each: nothing
 * here is allocated per request. Not thread-safe.
 */
final class Exchange {
  /** What an operation returns instead of a body's length where the protocol has no reply. */
  static final int NO_REPLY = -1;

  final InodeFileSystem fileSystem;
  final KernelReferences references;
  final Protocol protocol;
  final Meter meter;
  private final KernelCache kernelCache;

  /** The worker's own, which it points at each request and its reply. */
  Request request;

  Reply reply;

  final Name name = new Name();
  final Name otherName = new Name();
  final Entry entry = new Entry();
  final Stat stat = new Stat();

  private final Caller caller = new Caller();

  Exchange(
      InodeFileSystem fileSystem,
      KernelReferences references,
      Protocol protocol,
      KernelCache kernelCache,
      Meter meter) {
    this.meter = meter;
    this.kernelCache = kernelCache;
    this.fileSystem = fileSystem;
    this.references = references;
    this.protocol = protocol;
  }

  /** Who asked, for an operation that creates nothing. */
  Caller caller() {
    return caller(0);
  }

  Caller caller(int umask) {
    caller.uid = request.uid();
    caller.gid = request.gid();
    caller.pid = request.pid();
    caller.umask = umask;
    return caller;
  }

  /** Replies with {@link #entry}, which the kernel then holds. */
  int replyEntry() {
    references.lookedUp(entry.node);
    return reply.entry(entry, !references.ioModes().isVolatile(entry.node));
  }

  /** Replies with the attributes {@link #stat} of {@code node}. */
  int replyAttributes(long node) {
    return reply.attributes(stat, !references.ioModes().isVolatile(node));
  }

  /**
   * Attributes of {@code node} have changed, which may be a former id of a file (see {@link
   * IoModes#MOVED}): of an open descriptor, or of another of its names. Of the newest one the
   * kernel would not know.
   */
  void changed(long node) throws ErrnoException {
    if (references.ioModes().isVolatile(node)) {
      long newest = fileSystem.newestId(node);
      if (newest != node) {
        kernelCache.attributesChanged(newest);
      }
    }
  }
}
