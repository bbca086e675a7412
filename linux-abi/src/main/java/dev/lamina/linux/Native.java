package dev.lamina.linux;

import java.lang.ref.Reference;
import jnr.ffi.LibraryLoader;
import jnr.ffi.LibraryOption;
import jnr.ffi.Runtime;

/**
 * The one loaded {@link LibC}, and the one place where errno becomes an exception.
 *
 * <p>{@code keep} and the longer {@code check}s take what a call returned, and the {@link Name}s
 * and {@link NativeMemory} whose addresses it was given: these are not freed before it has
 * returned. A fence is no code once compiled and leaves errno alone.
 */
@SuppressWarnings("ReachabilityFenceUsage") // wants a finally, but native calls do not throw
final class Native {
  static final LibC C =
      LibraryLoader.create(LibC.class).option(LibraryOption.SaveError, true).load("c");

  private static final Runtime RUNTIME = Runtime.getRuntime(C);

  private Native() {}

  /** errno of the calling thread's last failed call; read it before anything else runs. */
  static int errno() {
    return RUNTIME.getLastError();
  }

  static int keep(int result, Object kept) {
    Reference.reachabilityFence(kept);
    return result;
  }

  static int keep(int result, Object first, Object second) {
    Reference.reachabilityFence(first);
    Reference.reachabilityFence(second);
    return result;
  }

  static long keep(long result, Object kept) {
    Reference.reachabilityFence(kept);
    return result;
  }

  static long keep(long result, Object first, Object second) {
    Reference.reachabilityFence(first);
    Reference.reachabilityFence(second);
    return result;
  }

  static long keep(long result, Object first, Object second, Object third) {
    Reference.reachabilityFence(first);
    Reference.reachabilityFence(second);
    Reference.reachabilityFence(third);
    return result;
  }

  static int check(int result, String call) throws ErrnoException {
    if (result < 0) {
      throw new ErrnoException(errno(), call);
    }
    return result;
  }

  static int check(int result, String call, Object kept) throws ErrnoException {
    return check(keep(result, kept), call);
  }

  static int check(int result, String call, Object first, Object second) throws ErrnoException {
    return check(keep(result, first, second), call);
  }

  static long check(long result, String call) throws ErrnoException {
    if (result < 0) {
      throw new ErrnoException(errno(), call);
    }
    return result;
  }

  static long check(long result, String call, Object kept) throws ErrnoException {
    return check(keep(result, kept), call);
  }

  static long check(long result, String call, Object first, Object second) throws ErrnoException {
    return check(keep(result, first, second), call);
  }
}
