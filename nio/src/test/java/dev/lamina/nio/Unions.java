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
}
