package dev.lamina.nio;

import dev.lamina.overlay.OverlayOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** File systems for tests, and what they hold. */
final class Unions {
  private Unions() {}

  /** A read-only file system without a file. */
  static LaminaFileSystem empty() throws IOException {
    Path lower = Files.createTempDirectory("lamina-empty");
    lower.toFile().deleteOnExit();
    return LaminaFileSystem.open(OverlayOptions.builder().addLower(lower).build());
  }

  /** A lower, an upper and a work directory below {@code directory}. */
  static OverlayOptions writable(Path directory) throws IOException {
    return OverlayOptions.builder()
        .addLower(Files.createDirectories(directory.resolve("lower")))
        .writable(
            Files.createDirectories(directory.resolve("upper")),
            Files.createDirectories(directory.resolve("work")))
        .build();
  }

  /**
   * How many descriptors this process has open, but for those that the JVM opens when it likes: of
   * jars, and to look at its limits.
   */
  static int descriptors() throws IOException {
    try (var fds = Files.list(Path.of("/proc/self/fd"))) {
      return (int) fds.filter(Unions::isNotOfTheJvm).count();
    }
  }

  private static boolean isNotOfTheJvm(Path fd) {
    try {
      String target = Files.readSymbolicLink(fd).toString();
      return !(target.endsWith(".jar")
          || target.startsWith("/proc/")
          || target.startsWith("/sys/")
          || target.endsWith("/lib/modules"));
    } catch (IOException e) {
      // It was the one of this listing, or is closed.
      return false;
    }
  }
}
