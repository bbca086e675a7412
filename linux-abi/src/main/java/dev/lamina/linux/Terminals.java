package dev.lamina.linux;

import static dev.lamina.linux.Native.C;

/** Whether somebody watches. */
public final class Terminals {
  /** {@code TCGETS} of asm-generic/ioctls.h: succeeds on terminals only, as isatty(3) uses it. */
  static final long TCGETS = 0x5401;

  private Terminals() {}

  /** Whether {@code fd} is a terminal. */
  public static boolean isTerminal(int fd) {
    return C.ioctl(fd, TCGETS, Scratch.get().struct.address()) == 0;
  }
}
