package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.keep;

import dev.lamina.linux.Structs.XattrArgs;

/** {@code getxattrat} and its kin, of Linux 6.13 and later. */
final class XattrAt implements XattrCalls {
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;

  @Override
  public long get(int dirfd, Name file, Name name, NativeMemory value, int at, int size) {
    long args = args(value.address(at, size), size, 0);
    return keep(
        call(Arch.SYS_GETXATTRAT, dirfd, file.address(), name.address(), args, XattrArgs.SIZE),
        file,
        name,
        value);
  }

  @Override
  public long set(
      int dirfd, Name file, Name name, NativeMemory value, int at, int size, int flags) {
    long args = args(value.address(at, size), size, flags);
    return keep(
        call(Arch.SYS_SETXATTRAT, dirfd, file.address(), name.address(), args, XattrArgs.SIZE),
        file,
        name,
        value);
  }

  @Override
  public long remove(int dirfd, Name file, Name name) {
    return keep(
        call(Arch.SYS_REMOVEXATTRAT, dirfd, file.address(), name.address(), 0, 0), file, name);
  }

  @Override
  public long list(int dirfd, Name file, NativeMemory list, int at, int size) {
    return keep(
        call(Arch.SYS_LISTXATTRAT, dirfd, file.address(), list.address(at, size), size, 0),
        file,
        list);
  }

  private static long call(int number, int dirfd, long file, long a, long b, long c) {
    return C.syscall(number, dirfd, file, AT_SYMLINK_NOFOLLOW, a, b, c);
  }

  /** A {@code struct xattr_args} in this thread's scratch memory. */
  private static long args(long value, int size, int flags) {
    NativeMemory args = Scratch.get().struct;
    args.putLong(XattrArgs.VALUE, value);
    args.putInt(XattrArgs.SIZE_FIELD, size);
    args.putInt(XattrArgs.FLAGS, flags);
    return args.address();
  }
}
