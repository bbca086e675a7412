package dev.lamina.overlay;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.overlay.node.DataSource;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.SlotTable;
import dev.lamina.overlay.promote.Promoter;

/** Open files by handle: reading, writing and what else works on a descriptor. */
final class OpenFiles {
  /** What an open may ask of the real file; the rest is about names or about the caller. */
  private static final int KEPT_FLAGS =
      OpenFlags.O_ACCMODE
          | OpenFlags.O_TRUNC
          | OpenFlags.O_APPEND
          | OpenFlags.O_NONBLOCK
          | OpenFlags.O_SYNC
          | OpenFlags.O_DIRECT
          | OpenFlags.O_NOATIME;

  private final Union union;
  private final SlotTable<OpenFile> handles = new SlotTable<>(1);

  OpenFiles(Union union) {
    this.union = union;
  }

  /** Opens {@code node}. */
  void open(FileNode node, int flags, Opened out) throws ErrnoException {
    if (node.type() == FileMode.S_IFLNK) {
      throw new ErrnoException(Errno.ELOOP, "open of a symbolic link");
    }
    if (node.type() != FileMode.S_IFREG) {
      throw new ErrnoException(Errno.ENXIO, "open of a special file");
    }
    boolean truncates = (flags & OpenFlags.O_TRUNC) != 0;
    if (OpenFlags.writes(flags) || truncates) {
      union.requireWritable();
      union.promoter.promote(node, truncates ? 0 : Promoter.ALL_DATA);
    }
    union.findData(node);
    // Asked before the open: a promotion in between only makes the handle look once more.
    DataSource source = node.data();
    add(node, flags, openReal(node, realFlags(flags), source), source, out);
  }

  /** What {@code flags} of a user's open ask of the real file. */
  int realFlags(int flags) {
    return union.syncs.openFlags(flags & KEPT_FLAGS) | union.openFlags;
  }

  /** Makes a handle of a file whose data was opened as {@code fd}, which it takes over. */
  void add(FileNode node, int flags, int fd, DataSource source, Opened out) {
    union.table.retain(node);
    out.handle = handles.reserve();
    out.descriptor = fd;
    out.settled = source instanceof DataSource.InUpper || union.work == null;
    handles.set(out.handle, new OpenFile(node, realFlags(flags), fd, source));
  }

  private int openReal(FileNode node, int flags, DataSource source) throws ErrnoException {
    boolean lower = source instanceof FileNode.Home;
    return union.onData(node, o -> lower ? o.openQuietly(flags) : o.open(flags));
  }

  OpenFile get(long handle) throws ErrnoException {
    OpenFile file = handles.get(handle);
    if (file == null) {
      throw new ErrnoException(Errno.EBADF, "handle " + handle);
    }
    return file;
  }

  private int fd(long handle) throws ErrnoException {
    return get(handle).fd(union.lock);
  }

  int read(long handle, NativeMemory memory, int at, int size, long offset) throws ErrnoException {
    return Fd.pread(fd(handle), memory, at, size, offset);
  }

  int write(long handle, NativeMemory memory, int at, int size, long offset) throws ErrnoException {
    return Fd.pwrite(fd(handle), memory, at, size, offset);
  }

  void fsync(long handle, boolean dataOnly) throws ErrnoException {
    union.syncs.sync(fd(handle), dataOnly);
  }

  long seek(long handle, long offset, int whence) throws ErrnoException {
    if (whence != Fd.SEEK_DATA && whence != Fd.SEEK_HOLE) {
      throw new ErrnoException(Errno.EINVAL, "seek with whence " + whence);
    }
    return Fd.seek(fd(handle), offset, whence);
  }

  void allocate(long handle, int mode, long offset, long length) throws ErrnoException {
    Fd.allocate(fd(handle), mode, offset, length);
  }

  long copyRange(long from, long fromOffset, long to, long toOffset, long length)
      throws ErrnoException {
    return Fd.copyRange(fd(from), fromOffset, fd(to), toOffset, length);
  }

  void release(long handle) {
    OpenFile file = handles.remove(handle);
    if (file != null) {
      file.close();
      union.table.release(file.node(), 1);
    }
  }

  void closeAll() {
    handles.forEach(OpenFile::close);
  }
}
