package dev.lamina.fuse.session;

import dev.lamina.fuse.metrics.OpenKind;
import dev.lamina.fuse.wire.In;
import dev.lamina.fuse.wire.InitFlags;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.fuse.wire.Out;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.OpenFlags;
import dev.lamina.overlay.InodeFileSystem;
import dev.lamina.overlay.Opened;

/** Requests on regular files. */
final class FileOperations {
  /**
   * Flags that the filesystem acts on. The kernel itself looks after the others: it creates,
   * resolves, sends the exact offset of each append, and does direct I/O on its side of the
   * connection (our buffers are not aligned for it).
   */
  private static final int PASSED_ON =
      OpenFlags.O_ACCMODE
          | OpenFlags.O_TRUNC
          | OpenFlags.O_SYNC
          | OpenFlags.O_DSYNC
          | OpenFlags.O_NOATIME;

  private final Exchange x;
  private final Privileges privileges;
  private final int openReplyFlags;
  private final boolean flushOnClose;

  /** Whether the kernel keeps what is written for a while. */
  private final boolean writeback;

  private final KernelCache kernelCache;
  private final Opened opened = new Opened();
  private final EarlyData earlyData;

  FileOperations(
      Exchange exchange, Privileges privileges, KernelCache kernelCache, boolean flushOnClose) {
    this.x = exchange;
    this.privileges = privileges;
    this.kernelCache = kernelCache;
    this.earlyData = new EarlyData(exchange, kernelCache);
    this.flushOnClose = flushOnClose;
    this.writeback = exchange.protocol.has(InitFlags.WRITEBACK_CACHE);
    // Data stays cached from one open to the next, as nobody else changes files.
    this.openReplyFlags =
        Out.Open.FOPEN_KEEP_CACHE
            | Out.Open.FOPEN_PARALLEL_DIRECT_WRITES
            | (flushOnClose ? 0 : Out.Open.FOPEN_NOFLUSH);
  }

  int open() throws ErrnoException {
    long node = x.request.node();
    int flags = x.request.getInt(In.Open.FLAGS) & PASSED_ON;
    int special = open(node, flags);
    x.references.openedFile(opened.handle);
    int backing;
    try {
      if (killsPrivileges(flags)) {
        privileges.killBits(node);
      }
      earlyData.read(node, flags, opened);
      backing = ioMode(node, flags);
    } catch (ErrnoException e) {
      x.references.releaseFile(opened.handle);
      throw e;
    }
    if (backing > 0 && IoModes.mayMap(flags)) {
      // What it writes through a mapping nobody will hear of, so nothing known so far lasts.
      kernelCache.attributesChanged(node);
    }
    return x.reply.opened(opened.handle, replyFlags(backing) | special, Math.max(backing, 0));
  }

  /** Opens the real file; more flags for the reply, where it cannot be written as others are. */
  private int open(long node, int flags) throws ErrnoException {
    int asked = readable(flags);
    try {
      x.fileSystem.open(x.caller(), node, asked, opened);
      return 0;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EPERM && appends()) {
        // A file with chattr +a opens for writing only so. Not passed on otherwise: the kernel
        // writes back mapped pages, at offsets of its own, through any descriptor that can write.
        x.fileSystem.open(x.caller(), node, flags | OpenFlags.O_APPEND, opened);
      } else if (e.errno() == Errno.EACCES && asked != flags) {
        x.fileSystem.open(x.caller(), node, flags, opened);
      } else {
        throw e;
      }
      return writeback ? Out.Open.FOPEN_DIRECT_IO : 0;
    }
  }

  /** As {@code flags}; what the kernel keeps in pages it may have to read first, to fill one. */
  private int readable(int flags) {
    boolean writesOnly = (flags & OpenFlags.O_ACCMODE) == OpenFlags.O_WRONLY;
    return writeback && writesOnly ? (flags & ~OpenFlags.O_ACCMODE) | OpenFlags.O_RDWR : flags;
  }

  /** How the kernel is to do the I/O of what was just opened, see {@link IoModes#open}. */
  private int ioMode(long node, int flags) throws ErrnoException {
    int mode = x.references.ioModes().open(node, opened, flags, earlyData);
    if (mode == IoModes.MOVED) {
      x.fileSystem.renew(node);
      kernelCache.attributesChanged(node);
      // The kernel looks the name up again, gets the new id, and opens that.
      throw new ErrnoException(Errno.ESTALE, "open of a file in passthrough whose data has moved");
    }
    return mode;
  }

  private int replyFlags(int mode) {
    x.meter.opened(
        switch (mode) {
          case IoModes.CACHED -> OpenKind.CACHED;
          case IoModes.CACHED_AFRESH -> OpenKind.AFRESH;
          default -> OpenKind.PASSTHROUGH;
        });
    return switch (mode) {
      case IoModes.CACHED -> openReplyFlags;
      case IoModes.CACHED_AFRESH -> openReplyFlags & ~Out.Open.FOPEN_KEEP_CACHE;
      // The kernel refuses the combination with KEEP_CACHE (EIO).
      default -> (openReplyFlags & ~Out.Open.FOPEN_KEEP_CACHE) | Out.Open.FOPEN_PASSTHROUGH;
    };
  }

  private boolean appends() {
    return (x.request.getInt(In.Open.FLAGS) & OpenFlags.O_APPEND) != 0;
  }

  private boolean killsPrivileges(int flags) {
    return (flags & OpenFlags.O_TRUNC) != 0
        && (x.request.getInt(In.Open.OPEN_FLAGS) & In.Open.FUSE_OPEN_KILL_SUIDGID) != 0;
  }

  int create() throws ErrnoException {
    x.request.name(In.Create.SIZE, x.name);
    x.fileSystem.create(
        x.caller(x.request.getInt(In.Create.UMASK)),
        x.request.node(),
        x.name,
        x.request.getInt(In.Create.MODE),
        readable(x.request.getInt(In.Create.FLAGS) & PASSED_ON),
        x.entry,
        opened);
    return replyCreated();
  }

  private int replyCreated() throws ErrnoException {
    long node = x.entry.node;
    x.references.lookedUp(node);
    x.references.openedFile(opened.handle);
    earlyData.clear();
    int mode = ioMode(node, x.request.getInt(In.Create.FLAGS));
    return x.reply.created(
        x.entry, mode <= 0, opened.handle, replyFlags(mode), Math.max(mode, IoModes.CACHED));
  }

  /** As CREATE; the name that comes along is the kernel's own and means nothing. */
  int tmpfile() throws ErrnoException {
    x.fileSystem.tmpfile(
        x.caller(x.request.getInt(In.Create.UMASK)),
        x.request.node(),
        x.request.getInt(In.Create.MODE),
        readable(x.request.getInt(In.Create.FLAGS) & PASSED_ON),
        x.entry,
        opened);
    return replyCreated();
  }

  /** Takes back the open that the last reply told of; the handle is given back elsewhere. */
  void undoOpen() {
    switch (x.request.opcode()) {
      case Opcode.OPEN -> x.references.ioModes().released(x.request.node());
      case Opcode.CREATE, Opcode.TMPFILE -> x.references.ioModes().released(x.entry.node);
      default -> {}
    }
  }

  int read() throws ErrnoException {
    return x.fileSystem.read(
        x.request.getLong(In.Read.FH),
        x.reply.body(),
        0,
        Math.min(x.request.getInt(In.Read.COUNT), x.reply.room()),
        x.request.getLong(In.Read.OFFSET));
  }

  int write() throws ErrnoException {
    int size = x.request.getInt(In.Write.COUNT);
    if (size < 0 || size > x.request.bodyLength() - In.Write.SIZE) {
      throw new IllegalArgumentException("request ends within its data");
    }
    int flags = x.request.getInt(In.Write.WRITE_FLAGS);
    if ((flags & In.Write.FUSE_WRITE_KILL_SUIDGID) != 0) {
      privileges.killBits(x.request.node());
    }
    return x.reply.written(writeAll(size));
  }

  /** The kernel takes a short count as the device being full, so a short write is carried on. */
  private int writeAll(int size) throws ErrnoException {
    long handle = x.request.getLong(In.Write.FH);
    long offset = x.request.getLong(In.Write.OFFSET);
    int at = x.request.position(In.Write.SIZE);
    return InodeFileSystem.writeAll(x.fileSystem, handle, x.request.payload(), at, size, offset);
  }

  int flush() throws ErrnoException {
    if (!flushOnClose) {
      // Asked for all the same where the kernel writes back at each close; it does that and asks
      // no more.
      throw new ErrnoException(Errno.ENOSYS, "flush");
    }
    x.fileSystem.flush(x.request.getLong(In.Flush.FH));
    return 0;
  }

  int fsync() throws ErrnoException {
    x.fileSystem.fsync(
        x.request.getLong(In.Fsync.FH),
        (x.request.getInt(In.Fsync.FSYNC_FLAGS) & In.Fsync.FUSE_FSYNC_FDATASYNC) != 0);
    return 0;
  }

  int release() {
    // First: with the handle goes what may be the last hold on the node's id.
    x.references.ioModes().released(x.request.node());
    x.references.releaseFile(x.request.getLong(In.Release.FH));
    return 0;
  }

  int lseek() throws ErrnoException {
    if (writeback) {
      // What the kernel has not written yet would be taken for a hole.
      throw new ErrnoException(Errno.ENOSYS, "lseek");
    }
    return x.reply.offset(
        x.fileSystem.seek(
            x.request.getLong(In.Lseek.FH),
            x.request.getLong(In.Lseek.OFFSET),
            x.request.getInt(In.Lseek.WHENCE)));
  }

  int fallocate() throws ErrnoException {
    x.fileSystem.fallocate(
        x.request.getLong(In.Fallocate.FH),
        x.request.getInt(In.Fallocate.MODE),
        x.request.getLong(In.Fallocate.OFFSET),
        x.request.getLong(In.Fallocate.LENGTH));
    return 0;
  }

  int copyFileRange() throws ErrnoException {
    // The reply's count has 32 bits here; the kernel asks for no more than that.
    return x.reply.written((int) copy(Math.min(copyLength(), Integer.MAX_VALUE)));
  }

  int copyFileRange64() throws ErrnoException {
    return x.reply.copied(copy(copyLength()));
  }

  private long copyLength() {
    return x.request.getLong(In.CopyFileRange.LEN);
  }

  private long copy(long length) throws ErrnoException {
    return x.fileSystem.copyRange(
        x.request.getLong(In.CopyFileRange.FH_IN),
        x.request.getLong(In.CopyFileRange.OFF_IN),
        x.request.getLong(In.CopyFileRange.FH_OUT),
        x.request.getLong(In.CopyFileRange.OFF_OUT),
        length);
  }
}
