package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

/**
 * Extended attributes of one name below a directory descriptor, or of what a descriptor stands for
 * ({@code O_PATH} included); symbolic links are not followed.
 *
 * <p>Uses {@code getxattrat} and its kin (Linux 6.13) and, before them, {@code l*xattr} on {@code
 * /proc/self/fd/N/name}, which resolves the one component below the descriptor.
 *
 * <p>Sizes are bytes; size 0 asks how much room is needed. Absent attributes are ENODATA; a
 * filesystem without xattrs says EOPNOTSUPP.
 */
public final class Xattr {
  /** Largest value and largest list of names the kernel hands out ({@code limits.h}). */
  public static final int SIZE_MAX = 65536;

  public static final int CREATE = 1;
  public static final int REPLACE = 2;

  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final byte[] NONE = new byte[0];

  private Xattr() {}

  /** Value into memory; its size in bytes, or -1 where absent or not supported. */
  public static int get(int dirfd, Name file, Name name, NativeMemory value, int at, int size)
      throws ErrnoException {
    long result = getRaw(dirfd, file, name, value.address(at), size);
    if (result < 0) {
      int errno = Native.errno();
      if (errno == Errno.ENODATA || errno == Errno.EOPNOTSUPP) {
        return -1;
      }
      throw new ErrnoException(errno, "getxattr");
    }
    return (int) result;
  }

  private static long getRaw(int dirfd, Name file, Name name, long value, int size) {
    if (!NewCalls.xattrat()) {
      return C.lgetxattr(Proc.below(dirfd, file).address(), name.address(), value, size);
    }
    NativeMemory args = args(value, size, 0);
    return C.syscall(
        Arch.SYS_GETXATTRAT,
        dirfd,
        file.address(),
        AT_SYMLINK_NOFOLLOW,
        name.address(),
        args.address(),
        16);
  }

  public static void set(
      int dirfd, Name file, Name name, NativeMemory value, int at, int size, int flags)
      throws ErrnoException {
    if (!NewCalls.xattrat()) {
      Name path = Proc.below(dirfd, file);
      check(
          C.lsetxattr(path.address(), name.address(), value.address(at), size, flags), "setxattr");
      return;
    }
    NativeMemory args = args(value.address(at), size, flags);
    check(
        C.syscall(
            Arch.SYS_SETXATTRAT,
            dirfd,
            file.address(),
            AT_SYMLINK_NOFOLLOW,
            name.address(),
            args.address(),
            16),
        "setxattr");
  }

  public static void remove(int dirfd, Name file, Name name) throws ErrnoException {
    if (!NewCalls.xattrat()) {
      check(C.lremovexattr(Proc.below(dirfd, file).address(), name.address()), "removexattr");
      return;
    }
    check(
        C.syscall(
            Arch.SYS_REMOVEXATTRAT,
            dirfd,
            file.address(),
            AT_SYMLINK_NOFOLLOW,
            name.address(),
            0,
            0),
        "removexattr");
  }

  /** Names, each ended by a NUL, into memory; bytes written, 0 where xattrs are not supported. */
  public static int list(int dirfd, Name file, NativeMemory list, int at, int size)
      throws ErrnoException {
    long result;
    if (NewCalls.xattrat()) {
      result =
          C.syscall(
              Arch.SYS_LISTXATTRAT,
              dirfd,
              file.address(),
              AT_SYMLINK_NOFOLLOW,
              list.address(at),
              size,
              0);
    } else {
      result = C.llistxattr(Proc.below(dirfd, file).address(), list.address(at), size);
    }
    if (result < 0) {
      int errno = Native.errno();
      if (errno == Errno.EOPNOTSUPP) {
        return 0;
      }
      throw new ErrnoException(errno, "listxattr");
    }
    return (int) result;
  }

  /** As {@link #get(int, Name, Name, NativeMemory, int, int)}, of what {@code fd} stands for. */
  public static int get(int fd, Name name, NativeMemory value, int at, int size)
      throws ErrnoException {
    long result =
        C.getxattr(Proc.descriptor(fd).address(), name.address(), value.address(at), size);
    if (result < 0) {
      int errno = Native.errno();
      if (errno == Errno.ENODATA || errno == Errno.EOPNOTSUPP) {
        return -1;
      }
      throw new ErrnoException(errno, "getxattr");
    }
    return (int) result;
  }

  public static void set(int fd, Name name, NativeMemory value, int at, int size, int flags)
      throws ErrnoException {
    check(
        C.setxattr(Proc.descriptor(fd).address(), name.address(), value.address(at), size, flags),
        "setxattr");
  }

  /** Sets a value kept on the heap. */
  public static void set(int fd, Name name, byte[] value, int flags) throws ErrnoException {
    NativeMemory memory = NativeMemory.allocate(Math.max(1, value.length));
    memory.put(0, value, 0, value.length);
    set(fd, name, memory, 0, value.length, flags);
  }

  public static void set(int dirfd, Name file, Name name, byte[] value, int flags)
      throws ErrnoException {
    NativeMemory memory = NativeMemory.allocate(Math.max(1, value.length));
    memory.put(0, value, 0, value.length);
    set(dirfd, file, name, memory, 0, value.length, flags);
  }

  public static void remove(int fd, Name name) throws ErrnoException {
    check(C.removexattr(Proc.descriptor(fd).address(), name.address()), "removexattr");
  }

  public static int list(int fd, NativeMemory list, int at, int size) throws ErrnoException {
    long result = C.listxattr(Proc.descriptor(fd).address(), list.address(at), size);
    if (result < 0) {
      int errno = Native.errno();
      if (errno == Errno.EOPNOTSUPP) {
        return 0;
      }
      throw new ErrnoException(errno, "listxattr");
    }
    return (int) result;
  }

  /** The value as a fresh array, or null where absent or not supported; for set-up, not traffic. */
  public static byte[] get(int dirfd, Name file, Name name) throws ErrnoException {
    NativeMemory value = NativeMemory.allocate(SIZE_MAX);
    int size = get(dirfd, file, name, value, 0, SIZE_MAX);
    return size < 0 ? null : size == 0 ? NONE : value.copy(0, size);
  }

  /** {@code struct xattr_args} of linux/xattr.h: value address, size, flags. */
  private static NativeMemory args(long value, int size, int flags) {
    NativeMemory args = Scratch.get().struct;
    args.putLong(0, value);
    args.putInt(8, size);
    args.putInt(12, flags);
    return args;
  }
}
