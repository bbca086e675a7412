package dev.lamina.linux;

import java.util.List;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.provider.FFIProvider;
import jnr.ffi.provider.jffi.Provider;

/**
 * JNR-FFI's own provider, named to it by the system property {@code jnr.ffi.provider} where a start
 * has to be fast. JNR-FFI then asks for {@link Platform} by this name and finds it. Else it asks
 * for a class that nobody has, for which the JVM opens every jar of the class path (30 ms), and
 * goes through all library directories in search of libc (10 ms).
 */
public final class JnrProvider extends FFIProvider {
  private final FFIProvider jffi = new Provider();

  @Override
  public Runtime getRuntime() {
    return jffi.getRuntime();
  }

  @Override
  public <T> LibraryLoader<T> createLibraryLoader(Class<T> interfaceClass) {
    return jffi.createLibraryLoader(interfaceClass);
  }

  /** Linux on the processor that the JVM names; where libraries lie is known to the linker. */
  public static final class Platform extends jnr.ffi.Platform {
    private static final String LIBC = "libc.so.6";

    /** Made by JNR-FFI, which has its name from a property. */
    public Platform() {
      super(OS.LINUX, cpu(System.getProperty("os.arch")), Long.SIZE, Long.SIZE, ".*\\.so.*$");
    }

    private static CPU cpu(String name) {
      return switch (name) {
        case "amd64", "x86_64" -> CPU.X86_64;
        case "aarch64" -> CPU.AARCH64;
        case "ppc64le" -> CPU.PPC64LE;
        case "s390x" -> CPU.S390X;
        case "riscv64" -> CPU.RISCV64;
        case "loongarch64" -> CPU.LOONGARCH64;
        default -> throw new UnsupportedOperationException("no JNR-FFI for the processor " + name);
      };
    }

    @Override
    public String getStandardCLibraryName() {
      return LIBC;
    }

    @Override
    public String mapLibraryName(String name) {
      return name.equals("c") ? LIBC : super.mapLibraryName(name);
    }

    @Override
    public String locateLibrary(String name, List<String> paths) {
      return mapLibraryName(name);
    }
  }
}
