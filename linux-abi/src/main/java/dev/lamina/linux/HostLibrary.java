package dev.lamina.linux;

import com.kenai.jffi.Library;

/** Shared libraries of the host, found as the dynamic linker finds them. */
public final class HostLibrary {
  private HostLibrary() {}

  /** Whether {@code name}, such as {@code libfuse.so.2}, can be loaded; it stays loaded then. */
  public static boolean isThere(String name) {
    return Library.openLibrary(name, Library.LAZY | Library.LOCAL) != null;
  }
}
