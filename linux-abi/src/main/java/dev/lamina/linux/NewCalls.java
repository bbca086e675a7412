package dev.lamina.linux;

/**
 * Which of the younger system calls this kernel has, asked once of each. A seccomp filter that does
 * not know a call answers EPERM where a kernel answers ENOSYS; both mean "use the old way".
 */
final class NewCalls {
  private static final int INVALID_FD = -1;

  private NewCalls() {}

  static boolean fchmodat2() {
    return Fchmodat2.AVAILABLE;
  }

  static boolean xattrat() {
    return Xattrat.AVAILABLE;
  }

  private static boolean has(int number) {
    // No call succeeds on descriptor -1 with a null path: EBADF, EFAULT or EINVAL if it exists.
    long result = Native.C.syscall(number, INVALID_FD, 0, 0, 0, 0, 0);
    int errno = result < 0 ? Native.errno() : 0;
    return errno != Errno.ENOSYS && errno != Errno.EPERM;
  }

  private static final class Fchmodat2 {
    static final boolean AVAILABLE = has(Arch.SYS_FCHMODAT2);
  }

  private static final class Xattrat {
    static final boolean AVAILABLE = has(Arch.SYS_GETXATTRAT);
  }
}
