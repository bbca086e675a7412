package dev.lamina.fuse.libfuse;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.AttributeChange;
import dev.lamina.overlay.Caller;
import java.nio.charset.StandardCharsets;

/** Callbacks on extended attributes. */
final class XattrCalls {
  /** Where there is no room, as when the size is asked for. */
  private static final NativeMemory NOTHING = NativeMemory.allocate(1);

  private static final byte[] ACCESS_ACL =
      "system.posix_acl_access".getBytes(StandardCharsets.US_ASCII);

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
      if (call.name(name).contentEquals(ACCESS_ACL)) {
        dropSetgid(found);
      }
      return 0;
    }
  }

  /**
   * What setting an access ACL by somebody outside the file's group does. Which groups somebody is
   * in beside the first is not told, so that setgid goes where it might have stayed.
   */
  private void dropSetgid(PathSlot changed) throws ErrnoException {
    Caller caller = call.caller();
    Stat stat = changed.stat();
    if (caller.uid != 0 && caller.gid != stat.gid && (stat.mode & FileMode.S_ISGID) != 0) {
      AttributeChange change = call.change(AttributeChange.KILL_SETGID);
      call.fileSystem.setattr(caller, changed.found(), 0, change, stat);
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
