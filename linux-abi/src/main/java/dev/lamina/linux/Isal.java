package dev.lamina.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.ffi.LibraryLoader;

/**
 * Intel's ISA-L ({@code igzip_lib.h}), which inflates at more than twice the speed of zlib, and on
 * ARM too: the one of the host where it has {@code libisal.so.2}; else the one inside Intel's GKL,
 * built for x86-64 and exporting the same functions; else none.
 */
@SuppressWarnings("checkstyle:MethodName")
public interface Isal {
  /** Names a file that is GKL's library, so that nothing is unpacked at run time. */
  String PROPERTY = "dev.lamina.linux.isal";

  void isal_inflate_init(long state);

  void isal_inflate_reset(long state);

  int isal_inflate(long state);

  /** Loads it; not twice. */
  final class Loader {
    private static final String HOST = "libisal.so.2";
    private static final String RESOURCE = "/com/intel/gkl/native/libgkl_compression.so";

    private Loader() {}

    /** Null where there is none. */
    static Isal load() {
      Isal library = load(HOST);
      if (library != null || !System.getProperty("os.arch").equals("amd64")) {
        return library;
      }
      String file = System.getProperty(PROPERTY);
      return file == null ? unpacked() : load(file);
    }

    private static Isal load(String library) {
      try {
        return LibraryLoader.create(Isal.class).failImmediately().load(library);
      } catch (UnsatisfiedLinkError e) {
        return null;
      }
    }

    /** That of GKL, from the class path. */
    static Isal unpacked() {
      try (InputStream resource = Isal.class.getResourceAsStream(RESOURCE)) {
        if (resource == null) {
          return null;
        }
        Path file = Files.createTempFile("lamina-isal", ".so");
        try {
          Files.write(file, resource.readAllBytes());
          return load(file.toString());
        } finally {
          // What is loaded stays mapped.
          Files.delete(file);
        }
      } catch (IOException e) {
        return null;
      }
    }
  }
}
