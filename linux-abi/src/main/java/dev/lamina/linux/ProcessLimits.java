package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

import dev.lamina.linux.Structs.Rlimit;

/** Resource limits of this process. */
public final class ProcessLimits {
  private static final int RLIMIT_NOFILE = 7;

  private ProcessLimits() {}

  /**
   * How many descriptors this process may have.
   *
   * @param soft in force
   * @param hard what it may be raised to; negative for no limit at all
   */
  public record Descriptors(long soft, long hard) {}

  /** The limits in force. */
  public static Descriptors descriptors() throws ErrnoException {
    NativeMemory limits = Scratch.get().struct;
    check(C.getrlimit(RLIMIT_NOFILE, limits.address()), "getrlimit");
    return new Descriptors(limits.getLong(Rlimit.RLIM_CUR), limits.getLong(Rlimit.RLIM_MAX));
  }

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
