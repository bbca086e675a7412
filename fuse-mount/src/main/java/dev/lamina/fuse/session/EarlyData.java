package dev.lamina.fuse.session;

import dev.lamina.fuse.wire.Out;
import dev.lamina.fuse.wire.Reply;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.overlay.Opened;

/**
 * Hands the kernel all the data of a small file at its first open for reading, before the reply
 * (FUSE_NOTIFY_STORE). Who opens a small file reads it, nearly always, and would wait for a READ;
 * and each READ makes the kernel ask for the access time at the next stat.
 *
 * <p>Pages are stored while nobody has the file open: then none is locked by a reader, who would
 * wait for a worker that waits for the page. Belongs to one worker; not thread-safe.
 */
final class EarlyData implements IoModes.Contents {
  /** Files up to this size, in bytes: what the kernel would ask for at once. */
  private static final int LARGEST = 64 << 10;

  /** First bytes of a program or shared library, read as a little-endian int. */
  private static final int ELF_MAGIC = 0x464c457f;

  private final Exchange x;
  private final KernelCache kernelCache;
  private final NativeMemory magic = NativeMemory.allocate(Integer.BYTES);

  /** Allocated at the first use: most mounts of a daemon are idle. */
  private NativeMemory memory;

  private Reply message;

  private long node;

  /** Bytes that were read, none if 0. */
  private int size;

  private Kind kind = Kind.UNKNOWN;
  private long moment;

  /** What is known of the file that is being opened; its first bytes are looked at once. */
  private enum Kind {
    UNKNOWN,
    CODE,
    OTHER
  }

  EarlyData(Exchange exchange, KernelCache kernelCache) {
    this.x = exchange;
    this.kernelCache = kernelCache;
  }

  /** Nothing is known of the file that is being opened. */
  void clear() {
    size = 0;
    moment = IoModes.NEVER;
    kind = Kind.UNKNOWN;
  }

  /** Reads the file that was opened as {@code opened}, if that is worth it. */
  void read(long opensNode, int flags, Opened opened) {
    clear();
    node = opensNode;
    if (x.references.cachedFiles().contains(node)) {
      kind = Kind.OTHER;
      return;
    }
    if (opened.descriptor == Opened.NONE
        || OpenFlags.writes(flags)
        || (flags & OpenFlags.O_TRUNC) != 0) {
      return;
    }
    IoModes modes = x.references.ioModes();
    long before = modes.quietMoment(node);
    if (before == IoModes.NEVER || (modes.passesThrough() && (opened.settled || isCode(opened)))) {
      return;
    }
    try {
      x.fileSystem.getattr(node, x.stat);
      long length = x.stat.size;
      if (length > 0 && length <= LARGEST && readAll((int) length, opened.handle)) {
        size = (int) length;
        moment = before;
        tellAccessTime(opened);
      }
    } catch (ErrnoException e) {
      // Who reads the file will hear of it.
    }
  }

  /** With a READ the kernel would know by itself. Lower files are read without a trace. */
  private void tellAccessTime(Opened opened) throws ErrnoException {
    long seconds = x.stat.atime;
    int nanos = x.stat.atimeNanos;
    if (opened.settled) {
      x.fileSystem.getattr(node, x.stat);
      if (x.stat.atime != seconds || x.stat.atimeNanos != nanos) {
        kernelCache.attributesChanged(node);
      }
    }
  }

  private boolean readAll(int expected, long handle) throws ErrnoException {
    if (memory == null) {
      memory = NativeMemory.allocate(Out.Header.SIZE + Reply.STORED_DATA + LARGEST);
      message = new Reply().reset(memory);
    }
    return x.fileSystem.read(handle, message.body(), Reply.STORED_DATA, expected, 0) == expected;
  }

  @Override
  public boolean isCode(Opened opened) {
    if (kind == Kind.UNKNOWN) {
      kind = startsLikeCode(opened.descriptor) ? Kind.CODE : Kind.OTHER;
    }
    return kind == Kind.CODE;
  }

  private boolean startsLikeCode(int descriptor) {
    try {
      return Fd.pread(descriptor, magic, 0, Integer.BYTES, 0) == Integer.BYTES
          && magic.getInt(0) == ELF_MAGIC;
    } catch (ErrnoException e) {
      return false;
    }
  }

  @Override
  public long moment() {
    return moment;
  }

  @Override
  public void cache() {
    message.store(node, size);
    if (kernelCache.store(memory, message.length())) {
      x.references.cachedFiles().add(node);
    }
  }
}
