package dev.lamina.linux;

import static dev.lamina.linux.Native.C;

/** What the C library has allocated for this process, for the JVM's own needs above all. */
public final class NativeHeap {
  private NativeHeap() {}

  /**
   * Gives free memory back to the kernel: what just-in-time compilers used is 20 MiB and more, and
   * glibc keeps it for the next time. Takes a few milliseconds; other threads go on but for those
   * that allocate. Does nothing where the C library is another.
   */
  public static void trim() {
    try {
      C.malloc_trim(0);
    } catch (UnsatisfiedLinkError e) {
      // musl gives back by itself.
    }
  }
}
