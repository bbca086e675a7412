package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.keep;

/**
 * {@code lgetxattr} and its kin on {@code /proc/self/fd/N/name}, which resolves the one component
 * below the descriptor: for kernels before 6.13.
 */
final class XattrByPath implements XattrCalls {
  @Override
  public long get(int dirfd, Name file, Name name, NativeMemory value, int at, int size) {
    Name path = Proc.below(dirfd, file);
    return keep(
        C.lgetxattr(path.address(), name.address(), value.address(at, size), size), name, value);
  }

  @Override
  public long set(
      int dirfd, Name file, Name name, NativeMemory value, int at, int size, int flags) {
    Name path = Proc.below(dirfd, file);
    return keep(
        C.lsetxattr(path.address(), name.address(), value.address(at, size), size, flags),
        name,
        value);
  }

  @Override
  public long remove(int dirfd, Name file, Name name) {
    return keep(C.lremovexattr(Proc.below(dirfd, file).address(), name.address()), name);
  }

  @Override
  public long list(int dirfd, Name file, NativeMemory list, int at, int size) {
    return keep(
        C.llistxattr(Proc.below(dirfd, file).address(), list.address(at, size), size), list);
  }
}
