package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.metrics.OpenKind;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.overlay.AttributeChange;
import dev.lamina.overlay.Caller;
import dev.lamina.overlay.InodeFileSystem;

/** Callbacks on regular files. */
final class FileCalls {
  /** Flags that the filesystem acts on; the kernel itself looks after the others. */
  private static final int PASSED_ON =
      OpenFlags.O_ACCMODE
          | OpenFlags.O_TRUNC
          | OpenFlags.O_SYNC
          | OpenFlags.O_DSYNC
          | OpenFlags.O_NOATIME;

  private final Call call;

  FileCalls(Call call) {
    this.call = call;
  }

  int open(long path, long file) throws ErrnoException {
    int flags = Structs.flags(file);
    try (PathSlot found = call.path.node(path)) {
      if (found.stat().nlink > 1 && OpenFlags.writes(flags)) {
        call.tree.hasSeveralNames(found.stat().ino);
      }
      open(found.found(), flags);
      if ((flags & OpenFlags.O_TRUNC) != 0) {
        dropPrivileges(found);
      }
      call.tree.handles.opened(call.opened.handle, found.found(), found.keep());
      Structs.setHandle(file, call.opened.handle);
      boolean exact = call.tree.isCacheExact(found.stat().ino);
      if (exact) {
        Structs.keepCache(file);
      }
      call.meter.opened(exact ? OpenKind.CACHED : OpenKind.AFRESH);
      return 0;
    }
  }

  /**
   * Takes setuid and setgid from a file that an ordinary user truncated with its open, which the
   * kernel leaves to whoever does both at once (FUSE_ATOMIC_O_TRUNC).
   */
  private void dropPrivileges(PathSlot opened) throws ErrnoException {
    Caller caller = call.caller();
    if (caller.uid != 0 && (opened.stat().mode & (FileMode.S_ISUID | FileMode.S_ISGID)) != 0) {
      AttributeChange change = call.change(AttributeChange.KILL_PRIVILEGES);
      try {
        call.fileSystem.setattr(caller, opened.found(), call.opened.handle, change, call.stat);
      } catch (ErrnoException e) {
        call.fileSystem.release(call.opened.handle);
        throw e;
      }
    }
  }

  private void open(long node, int flags) throws ErrnoException {
    int asked = flags & PASSED_ON;
    try {
      call.fileSystem.open(call.caller(), node, asked, call.opened);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EPERM || (flags & OpenFlags.O_APPEND) == 0) {
        throw e;
      }
      // A file with chattr +a opens for writing only so.
      call.fileSystem.open(call.caller(), node, asked | OpenFlags.O_APPEND, call.opened);
    }
  }

  int create(long path, int mode, long file) throws ErrnoException {
    PathSlot at = call.path.parent(path);
    call.fileSystem.create(
        call.caller(),
        at.directory(),
        at.name(),
        mode,
        Structs.flags(file) & PASSED_ON,
        call.entry,
        call.opened);
    call.tree.handles.opened(call.opened.handle, call.entry.node, true);
    call.meter.opened(OpenKind.CACHED);
    Structs.setHandle(file, call.opened.handle);
    return 0;
  }

  int read(long data, long size, long offset, long file) throws ErrnoException {
    int count = (int) size;
    return call.fileSystem.read(
        Structs.handle(file), NativeMemory.foreign(data, count), 0, count, offset);
  }

  /** The kernel takes a short count as the device being full, so a short write is carried on. */
  int write(long data, long size, long offset, long file) throws ErrnoException {
    int count = (int) size;
    return InodeFileSystem.writeAll(
        call.fileSystem, Structs.handle(file), NativeMemory.foreign(data, count), 0, count, offset);
  }

  int flush(long file) throws ErrnoException {
    call.fileSystem.flush(Structs.handle(file));
    return 0;
  }

  int fsync(int dataOnly, long file) throws ErrnoException {
    call.fileSystem.fsync(Structs.handle(file), dataOnly != 0);
    return 0;
  }

  int release(long file) {
    call.tree.handles.released(Structs.handle(file));
    return 0;
  }

  int fallocate(int mode, long offset, long length, long file) throws ErrnoException {
    call.fileSystem.fallocate(Structs.handle(file), mode, offset, length);
    return 0;
  }
}
