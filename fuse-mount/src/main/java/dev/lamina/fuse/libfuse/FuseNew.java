package dev.lamina.fuse.libfuse;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Type;
import jnr.ffi.LibraryLoader;

/**
 * {@code fuse_new} as fuse.h of libfuse 2.6 and later has it. The library exports four functions of
 * that name for programs of all its ages, and asked without a version, dlsym(3) gives the oldest,
 * which takes other arguments.
 */
final class FuseNew {
  private static final String VERSION = "FUSE_2.6";
  private static final int RTLD_LAZY = 1;
  private static final int RTLD_NOLOAD = 4;

  private static final CallContext SHAPE =
      new CallContext(
          Type.POINTER, Type.POINTER, Type.POINTER, Type.POINTER, Type.ULONG_LONG, Type.POINTER);

  private final long function;

  private FuseNew(long function) {
    this.function = function;
  }

  /** dlopen(3) and dlvsym(3); public because JNR-FFI implements it from another package. */
  @SuppressWarnings("checkstyle:MethodName")
  public interface DynamicLinker {
    long dlopen(String library, int flags);

    long dlvsym(long handle, String name, String version);

    int dlclose(long handle);
  }

  /**
   * Finds it in a library that is loaded.
   *
   * @throws UnsatisfiedLinkError where there is none
   */
  static FuseNew in(String library) {
    // Where the two are part of the C library, this one is empty and refers to that.
    DynamicLinker linker =
        LibraryLoader.create(DynamicLinker.class).failImmediately().load("libdl.so.2");
    long handle = linker.dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
    if (handle == 0) {
      throw new UnsatisfiedLinkError(library + " is not loaded");
    }
    long function = linker.dlvsym(handle, "fuse_new", VERSION);
    // Loaded it stays.
    linker.dlclose(handle);
    if (function == 0) {
      throw new UnsatisfiedLinkError(library + " has no fuse_new of " + VERSION);
    }
    return new FuseNew(function);
  }

  /**
   * Makes a {@code struct fuse}, which owns the channel.
   *
   * @param args of a {@code struct fuse_args}, which it changes
   * @return its address, or 0, which libfuse explains on standard error
   */
  long call(long channel, long args, long operations, long operationsSize) {
    return Invoker.getInstance()
        .invokeN5(SHAPE, function, channel, args, operations, operationsSize, 0);
  }
}
