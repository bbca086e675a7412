package dev.lamina.overlay;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.overlay.data.PartialFile;
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

  /** Bytes that are copied at a time to or from a file that is promoted in part. */
  private static final long COPY_SIZE = 1 << 20;

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
      if (truncates) {
        int fd = promoteTruncated(node, realFlags(flags));
        if (fd >= 0) {
          add(node, flags, fd, DataSource.UPPER, out);
          return;
        }
      } else {
        union.promoter.promote(node, Promoter.TO_OPEN);
      }
    }
    union.findData(node);
    // Asked before the open: a promotion in between only makes the handle look once more.
    DataSource source = node.data();
    add(node, flags, openReal(node, realFlags(flags), source), source, out);
  }

  /**
   * Brings up a file without its data and opens it, in one step: an open that fails must not lose
   * the data. The descriptor, or -1 where the file is in the upper already.
   */
  private int promoteTruncated(FileNode node, int flags) throws ErrnoException {
    int[] fd = {-1};
    try {
      union.promoter.promote(node, 0, copy -> fd[0] = Fd.reopen(copy, flags));
      return fd[0];
    } catch (ErrnoException e) {
      if (fd[0] >= 0) {
        Fd.close(fd[0]);
      }
      throw e;
    }
  }

  /** What {@code flags} of a user's open ask of the real file. */
  int realFlags(int flags) {
    return union.syncs.openFlags(flags & KEPT_FLAGS) | union.openFlags;
  }

  /** Makes a handle of a file whose data was opened as {@code fd}, which it takes over. */
  void add(FileNode node, int flags, int fd, DataSource source, Opened out) {
    union.table.retain(node);
    out.handle = handles.reserve();
    out.settled = source instanceof DataSource.InUpper || union.work == null;
    boolean moving =
        source instanceof DataSource.Partial || (!out.settled && OpenFlags.writes(flags));
    out.descriptor = moving ? Opened.NONE : fd;
    handles.set(out.handle, new OpenFile(node, realFlags(flags), fd, source));
  }

  private int openReal(FileNode node, int flags, DataSource source) throws ErrnoException {
    if (source instanceof FileNode.Home) {
      // Whoever is to write moves to the upper's object before the first write.
      int reading = flags & ~(OpenFlags.O_ACCMODE | OpenFlags.O_APPEND);
      return union.onData(node, o -> o.openQuietly(reading));
    }
    return union.onData(node, o -> o.open(flags));
  }

  OpenFile get(long handle) throws ErrnoException {
    OpenFile file = handles.get(handle);
    if (file == null) {
      throw new ErrnoException(Errno.EBADF, "handle " + handle);
    }
    return file;
  }

  private OpenFile.Place place(long handle) throws ErrnoException {
    return get(handle).place(union.lock);
  }

  /** Where {@code file} can be changed; EBADF where it is not open for that. */
  private OpenFile.Place placeToChange(OpenFile file) throws ErrnoException {
    OpenFile.Place place = file.place(union.lock);
    if (OpenFile.isBelow(place.source())) {
      if (!file.writes()) {
        throw new ErrnoException(Errno.EBADF, "change through a handle for reading");
      }
      union.promoter.promote(file.node(), Promoter.TO_CHANGE);
      place = file.place(union.lock);
    }
    return place;
  }

  int read(long handle, NativeMemory memory, int at, int size, long offset) throws ErrnoException {
    return read(place(handle), memory, at, size, offset);
  }

  private static int read(OpenFile.Place place, NativeMemory memory, int at, int size, long offset)
      throws ErrnoException {
    return place.source() instanceof PartialFile partial
        ? partial.read(place.fd(), memory, at, size, offset)
        : Fd.pread(place.fd(), memory, at, size, offset);
  }

  int write(long handle, NativeMemory memory, int at, int size, long offset) throws ErrnoException {
    OpenFile file = get(handle);
    OpenFile.Place place = placeToChange(file);
    if (!(place.source() instanceof PartialFile partial)) {
      return Fd.pwrite(place.fd(), memory, at, size, offset);
    }
    requireWritable(file);
    boolean appends = file.has(OpenFlags.O_APPEND);
    int done = partial.write(place.fd(), appends, memory, at, size, offset);
    if (file.has(OpenFlags.O_DSYNC)) {
      union.partials.sync(partial, place.fd(), !file.has(OpenFlags.O_SYNC));
    }
    return done;
  }

  private static void requireWritable(OpenFile file) throws ErrnoException {
    if (!file.writes()) {
      throw new ErrnoException(Errno.EBADF, "change through a handle for reading");
    }
  }

  void fsync(long handle, boolean dataOnly) throws ErrnoException {
    OpenFile.Place place = place(handle);
    union.syncs.sync(place.source(), place.fd(), dataOnly);
  }

  long seek(long handle, long offset, int whence) throws ErrnoException {
    if (whence != Fd.SEEK_DATA && whence != Fd.SEEK_HOLE) {
      throw new ErrnoException(Errno.EINVAL, "seek with whence " + whence);
    }
    OpenFile.Place place = place(handle);
    return place.source() instanceof PartialFile partial
        ? partial.seek(place.fd(), offset, whence)
        : Fd.seek(place.fd(), offset, whence);
  }

  void allocate(long handle, int mode, long offset, long length) throws ErrnoException {
    OpenFile file = get(handle);
    OpenFile.Place place = placeToChange(file);
    if (place.source() instanceof PartialFile && !PartialFile.canAllocate(mode)) {
      union.promoter.promote(file.node(), Promoter.ALL_DATA);
      place = file.place(union.lock);
    }
    if (place.source() instanceof PartialFile partial) {
      requireWritable(file);
      partial.allocate(place.fd(), mode, offset, length);
    } else {
      Fd.allocate(place.fd(), mode, offset, length);
    }
  }

  long copyRange(long from, long fromOffset, long to, long toOffset, long length)
      throws ErrnoException {
    OpenFile target = get(to);
    OpenFile.Place out = placeToChange(target);
    OpenFile.Place in = place(from);
    if (!(in.source() instanceof PartialFile) && !(out.source() instanceof PartialFile)) {
      return Fd.copyRange(in.fd(), fromOffset, out.fd(), toOffset, length);
    }
    // A piece through memory; whoever wants more goes on behind it.
    NativeMemory memory = NativeMemory.allocate((int) Math.min(length, COPY_SIZE));
    int got = read(in, memory, 0, memory.size(), fromOffset);
    int done = 0;
    while (done < got) {
      done += write(to, memory, done, got - done, toOffset + done);
    }
    return done;
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
