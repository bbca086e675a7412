package dev.lamina.linux;

/** How much the calling thread's work matters next to that of others. */
public final class ThreadPriority {
  private static final int IOPRIO_WHO_PROCESS = 1;

  /** IOPRIO_CLASS_IDLE of linux/ioprio.h, shifted into place. */
  private static final int IDLE = 3 << 13;

  private static final int THIS_THREAD = 0;

  private ThreadPriority() {}

  /**
   * The disk serves this thread when nobody else wants it (ioprio_set(2)), where the I/O scheduler
   * knows priorities; false where the kernel refuses.
   */
  public static boolean makeIoIdle() {
    return Native.C.syscall(
            Arch.current().sysIoprioSet, IOPRIO_WHO_PROCESS, THIS_THREAD, IDLE, 0, 0, 0)
        == 0;
  }
}
