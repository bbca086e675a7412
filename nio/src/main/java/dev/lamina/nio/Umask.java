package dev.lamina.nio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file mode creation mask of this process. */
final class Umask {
  private static final int USUAL = 022;

  private Umask() {}

  /** As {@code /proc/self/status} tells it; 022 where there is none. */
  static int ofProcess() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("Umask:")) {
          return Integer.parseInt(line.substring("Umask:".length()).trim(), 8);
        }
      }
      return USUAL;
    } catch (IOException | NumberFormatException e) {
      return USUAL;
    }
  }
}
