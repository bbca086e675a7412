package dev.lamina.linux;

import java.lang.ref.Reference;
import jnr.ffi.LibraryLoader;
import jnr.ffi.LibraryOption;
import jnr.ffi.Pointer;
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
  private static final LibC LOADED =
      LibraryLoader.create(LibC.class).option(LibraryOption.SaveError, true).load("c");

  private static final Runtime RUNTIME = Runtime.getRuntime(LOADED);

  static final LibC C = interposed(System.getProperty(Interposer.PROPERTY));

  private Native() {}

  /** What was loaded itself, unless a test names a class that stands before it. */
  private static LibC interposed(String className) {
    if (className == null) {
      return LOADED;
    }
    try {
      Object interposer = Class.forName(className).getConstructor().newInstance();
      return ((Interposer) interposer).before(LOADED, new TestedCaller());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(Interposer.PROPERTY + "=" + className, e);
    }
  }

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

  private static final class TestedCaller implements Interposer.Caller {
    @Override
    public void setErrno(int errno) {
      RUNTIME.setLastError(errno);
    }

    @Override
    public byte[] string(long address) {
      Pointer memory = Pointer.wrap(RUNTIME, address);
      byte[] string = new byte[memory.indexOf(0, (byte) 0)];
      memory.get(0, string, 0, string.length);
      return string;
    }
  }
}
