package dev.lamina.fuse.libfuse;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.NativeMemory;

/** Callbacks on extended attributes. */
final class XattrCalls {
  /** Where there is no room, as when the size is asked for. */
  private static final NativeMemory NOTHING = NativeMemory.allocate(1);

  private final Call call;

  XattrCalls(Call call) {
    this.call = call;
  }

  int getxattr(long path, long name, long value, long room) throws ErrnoException {
    try (PathSlot found = call.path.node(path)) {
      int size =
          call.fileSystem.getxattr(
              found.found(), call.name(name), memory(value, room), 0, (int) room);
      if (size < 0) {
        throw new ErrnoException(Errno.ENODATA, "getxattr");
      }
      return size;
    }
  }

  int listxattr(long path, long list, long room) throws ErrnoException {
    try (PathSlot found = call.path.node(path)) {
      return call.fileSystem.listxattr(
          call.caller(), found.found(), memory(list, room), 0, (int) room);
    }
  }

  int setxattr(long path, long name, long value, long size, int flags) throws ErrnoException {
    try (PathSlot found = call.path.node(path)) {
      call.fileSystem.setxattr(
          call.caller(), found.found(), call.name(name), memory(value, size), 0, (int) size, flags);
      return 0;
    }
  }

  int removexattr(long path, long name) throws ErrnoException {
    try (PathSlot found = call.path.node(path)) {
      call.fileSystem.removexattr(call.caller(), found.found(), call.name(name));
      return 0;
    }
  }

  private static NativeMemory memory(long address, long size) {
    return size == 0 ? NOTHING : NativeMemory.foreign(address, (int) size);
  }
}
