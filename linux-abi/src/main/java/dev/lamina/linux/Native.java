package dev.lamina.linux;

import jnr.ffi.LibraryLoader;
import jnr.ffi.LibraryOption;
import jnr.ffi.Runtime;

/** The one loaded {@link LibC}, and the one place where errno becomes an exception. */
final class Native {
  static final LibC C =
      LibraryLoader.create(LibC.class).option(LibraryOption.SaveError, true).load("c");

  private static final Runtime RUNTIME = Runtime.getRuntime(C);

  private Native() {}

  /** errno of the calling thread's last failed call; read it before anything else runs. */
  static int errno() {
    return RUNTIME.getLastError();
  }

  static int check(int result, String call) throws ErrnoException {
    if (result < 0) {
      throw new ErrnoException(errno(), call);
    }
    return result;
  }

  static long check(long result, String call) throws ErrnoException {
    if (result < 0) {
      throw new ErrnoException(errno(), call);
    }
    return result;
  }
}
