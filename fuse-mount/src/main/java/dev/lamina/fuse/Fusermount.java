package dev.lamina.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The set-uid helper of libfuse, by which ordinary users mount, and what it is allowed to do. */
public final class Fusermount {
  /** Where it is looked for besides PATH, which a set-uid program's caller may have emptied. */
  static final String FALLBACK_PATH = "/usr/local/bin:/usr/bin:/bin";

  private static final List<String> NAMES = List.of("fusermount3", "fusermount");
  private static final Path CONFIGURATION = Path.of("/etc/fuse.conf");

  private Fusermount() {}

  /** The helper in PATH, if any: {@code fusermount3}, else {@code fusermount}. */
  public static Optional<Path> find() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("") + ":" + FALLBACK_PATH;
    for (String name : NAMES) {
      for (String directory : path.split(":", -1)) {
        Path candidate = Path.of(directory, name);
        if (candidate.isAbsolute() && Files.isExecutable(candidate)) {
          return Optional.of(candidate);
        }
      }
    }
    return Optional.empty();
  }

  /** Whether the administrator lets ordinary users show their mounts to others (fuse.conf(5)). */
  public static boolean mayAllowOther() {
    try {
      return Files.readAllLines(CONFIGURATION).stream()
          .anyMatch(line -> line.strip().equals("user_allow_other"));
    } catch (IOException e) {
      return false;
    }
  }
}
