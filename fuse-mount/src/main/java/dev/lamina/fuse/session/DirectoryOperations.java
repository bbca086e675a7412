package dev.lamina.fuse.session;

import dev.lamina.fuse.wire.DirentEncoder;
import dev.lamina.fuse.wire.In;
import dev.lamina.fuse.wire.InitFlags;
import dev.lamina.fuse.wire.Out;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.overlay.DirectorySink;
import dev.lamina.overlay.Entry;

/**
 * Requests on directories. Nothing is opened: reading goes by node and offset, so a kernel that can
 * do without OPENDIR and RELEASEDIR is told to.
 */
final class DirectoryOperations {
  /**
   * The kernel keeps the listing it has read and drops it when anything changes in the directory
   * through the mount: it compares the directory's version and mtime at each start of a listing.
   * Nobody else changes directories, so this is exact. It does so by itself where nothing is
   * opened.
   */
  private static final int OPEN_REPLY_FLAGS = Out.Open.FOPEN_CACHE_DIR | Out.Open.FOPEN_KEEP_CACHE;

  private final Exchange x;
  private final DirentEncoder encoder = new DirentEncoder();
  private final DirectorySink sink = new CountingSink();

  DirectoryOperations(Exchange exchange) {
    this.x = exchange;
  }

  int opendir() throws ErrnoException {
    if (x.protocol.has(InitFlags.NO_OPENDIR_SUPPORT)) {
      throw new ErrnoException(Errno.ENOSYS, "opendir");
    }
    return x.reply.opened(0, OPEN_REPLY_FLAGS, 0);
  }

  int readdir(boolean plus) throws ErrnoException {
    encoder.reset(x.reply, x.request.getInt(In.Read.COUNT), plus);
    try {
      x.fileSystem.readdir(x.request.node(), x.request.getLong(In.Read.OFFSET), plus, sink);
    } catch (ErrnoException e) {
      // Entries already in the reply count as looked up; the next call meets the error again.
      if (encoder.length() == 0) {
        throw e;
      }
    }
    return encoder.length();
  }

  int releasedir() {
    return 0;
  }

  int fsyncdir() throws ErrnoException {
    x.fileSystem.fsyncdir(
        x.request.node(),
        (x.request.getInt(In.Fsync.FSYNC_FLAGS) & In.Fsync.FUSE_FSYNC_FDATASYNC) != 0);
    return 0;
  }

  /** Encodes, and counts the lookup that comes with each node. */
  private final class CountingSink implements DirectorySink {
    @Override
    public boolean fits(int nameLength) {
      return encoder.fits(nameLength);
    }

    @Override
    public void accept(
        byte[] names, int from, int length, long ino, int type, long nextOffset, Entry entry) {
      boolean lasting = entry == null || !x.references.ioModes().isVolatile(entry.node);
      encoder.accept(names, from, length, ino, type, nextOffset, entry, lasting);
      if (entry != null) {
        x.references.lookedUp(entry.node);
      }
    }
  }
}
