package dev.lamina.linux;

/**
 * The making of the bindings to the C library: code that JNR-FFI writes at run time, 30 to 40 ms of
 * a start. Whoever uses this package first waits for it anyhow; a program that has something else
 * to do meanwhile calls {@link #prepare} first.
 */
public final class Bindings {
  private Bindings() {}

  /**
   * Starts to make them on a thread of its own, and returns. What the caller then does at the same
   * time needs no part of JNR-FFI that is not initialized here: two threads that initialize classes
   * which need each other wait for ever.
   */
  public static void prepare() {
    NativeMemory.allocate(Long.BYTES);
    Thread maker = new Thread(Native::errno, "lamina-bindings");
    maker.setDaemon(true);
    maker.start();
  }
}
