package dev.lamina.fuse.libfuse;

import jnr.ffi.LibraryLoader;

/** The library itself: loaded once, at the first mount that wants it. */
public final class Libfuse {
  /** libfuse 2, by the name that every distribution gives it. */
  public static final String LIBRARY = "libfuse.so.2";

  private static volatile Libfuse loaded;

  final LibfuseCalls calls;
  final FuseNew fuseNew;

  private Libfuse(String library) {
    calls = LibraryLoader.create(LibfuseCalls.class).failImmediately().load(library);
    fuseNew = FuseNew.in(library);
  }

  /**
   * Loads it, if it is not yet.
   *
   * @throws UnsatisfiedLinkError where the host has none
   */
  public static void require() {
    get();
  }

  static Libfuse get() {
    if (loaded == null) {
      loaded = load(LIBRARY);
    }
    return loaded;
  }

  static Libfuse load(String library) {
    return new Libfuse(library);
  }
}
