package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.wire.Opcode;
import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.InodeIoctl;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.StatFs;
import dev.lamina.overlay.AttributeChange;

/** Callbacks about what a path leads to: attributes, link target, inode flags. */
final class NodeCalls {
  /** {@code FUSE_IOCTL_DIR} of fuse_common.h. */
  private static final int IOCTL_DIR = 1 << 4;

  private final Call call;
  private final StatFs statFs = new StatFs();

  NodeCalls(Call call) {
    this.call = call;
  }

  int getattr(long path, long stat) throws ErrnoException {
    call.looksAround();
    try (PathSlot found = call.path.node(path)) {
      if (found.isHidden() && call.isFor(Opcode.GETATTR)) {
        // libfuse takes one off, for the name that it believes to be there.
        found.stat().nlink++;
      }
      call.structs.put(stat, found.stat());
      return 0;
    } catch (ErrnoException e) {
      // In a lookup, and where libfuse looks around, there need not be anything.
      throw e.errno() == Errno.ESTALE && !call.isFor(Opcode.GETATTR)
          ? new ErrnoException(Errno.ENOENT, "getattr")
          : e;
    }
  }

  int fgetattr(long stat, long file) throws ErrnoException {
    call.fileSystem.getattr(call.tree.handles.node(Structs.handle(file)), call.stat);
    call.structs.put(stat, call.stat);
    return 0;
  }

  /** {@code size}: room in bytes, the terminating NUL's included. */
  int readlink(long path, long target, long size) throws ErrnoException {
    try (PathSlot found = call.path.node(path)) {
      NativeMemory memory = NativeMemory.foreign(target, (int) size);
      int length = call.fileSystem.readlink(found.found(), memory, 0, (int) size - 1);
      memory.putByte(length, (byte) 0);
      return 0;
    }
  }

  int chmod(long path, int mode) throws ErrnoException {
    AttributeChange change = call.change(AttributeChange.MODE);
    change.mode = mode & FileMode.PERMISSIONS;
    return apply(path, change);
  }

  /** -1 leaves an id as it is. */
  int chown(long path, int uid, int gid) throws ErrnoException {
    AttributeChange change =
        call.change((uid == -1 ? 0 : AttributeChange.UID) | (gid == -1 ? 0 : AttributeChange.GID));
    change.uid = uid;
    change.gid = gid;
    return apply(path, change);
  }

  int truncate(long path, long size) throws ErrnoException {
    try (PathSlot found = call.path.node(path)) {
      if (found.stat().nlink > 1) {
        call.tree.hasSeveralNames(found.stat().ino);
      }
      AttributeChange change = call.change(AttributeChange.SIZE);
      change.size = size;
      call.fileSystem.setattr(call.caller(), found.found(), 0, change, call.stat);
      return 0;
    }
  }

  int ftruncate(long size, long file) throws ErrnoException {
    AttributeChange change = call.change(AttributeChange.SIZE);
    change.size = size;
    long handle = Structs.handle(file);
    call.fileSystem.setattr(
        call.caller(), call.tree.handles.node(handle), handle, change, call.stat);
    return 0;
  }

  /** {@code times}: two of {@code struct timespec}, of access and of modification. */
  int utimens(long path, long times) throws ErrnoException {
    AttributeChange change = call.change(0);
    change.atime = Structs.seconds(times, 0);
    change.atimeNanos = Structs.nanos(times, 0);
    change.mtime = Structs.seconds(times, 1);
    change.mtimeNanos = Structs.nanos(times, 1);
    change.set =
        asked(change.atimeNanos, AttributeChange.ATIME, AttributeChange.ATIME_NOW)
            | asked(change.mtimeNanos, AttributeChange.MTIME, AttributeChange.MTIME_NOW);
    return change.set == 0 ? 0 : apply(path, change);
  }

  private static int asked(int nanos, int set, int now) {
    return switch (nanos) {
      case At.UTIME_OMIT -> 0;
      case At.UTIME_NOW -> set | now;
      default -> set;
    };
  }

  private int apply(long path, AttributeChange change) throws ErrnoException {
    try (PathSlot found = call.path.node(path)) {
      call.fileSystem.setattr(call.caller(), found.found(), 0, change, call.stat);
      return 0;
    }
  }

  int statfs(long stat) throws ErrnoException {
    call.fileSystem.statfs(statFs);
    call.structs.put(stat, statFs);
    return 0;
  }

  /**
   * {@code data}: the argument. Its length libfuse keeps to itself, so none is taken whose length
   * the argument alone tells (fs-verity's).
   */
  int ioctl(int command, long file, int flags, long data) throws ErrnoException {
    int size =
        switch (command) {
          case InodeIoctl.FS_IOC_GETFLAGS, InodeIoctl.FS_IOC_SETFLAGS -> InodeIoctl.FLAGS_SIZE;
          case InodeIoctl.FS_IOC_FSGETXATTR, InodeIoctl.FS_IOC_FSSETXATTR ->
              InodeIoctl.FSXATTR_SIZE;
          default -> throw new ErrnoException(Errno.ENOTTY, "ioctl");
        };
    long handle = Structs.handle(file);
    long node = (flags & IOCTL_DIR) != 0 ? handle : call.tree.handles.node(handle);
    call.fileSystem.ioctl(node, command, NativeMemory.foreign(data, size), 0, size);
    return 0;
  }
}
