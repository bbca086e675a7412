package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

import dev.lamina.linux.Structs.Rlimit;

/** Resource limits of this process. */
public final class ProcessLimits {
  private static final int RLIMIT_NOFILE = 7;

  private ProcessLimits() {}

  /** Raises the number of descriptors to what the hard limit allows; the limit now in force. */
  public static long raiseDescriptors() throws ErrnoException {
    NativeMemory limits = Scratch.get().struct;
    check(C.getrlimit(RLIMIT_NOFILE, limits.address()), "getrlimit");
    long hard = limits.getLong(Rlimit.RLIM_MAX);
    limits.putLong(Rlimit.RLIM_CUR, hard);
    check(C.setrlimit(RLIMIT_NOFILE, limits.address()), "setrlimit");
    return hard;
  }
}
