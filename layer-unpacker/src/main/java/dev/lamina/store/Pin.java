package dev.lamina.store;

import dev.lamina.image.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Something of the store that a living process uses: an empty file in its staging directory. */
record Pin(Kind kind, Digest digest) {
  private static final String PREFIX = "pin-";

  /** What is pinned. */
  enum Kind {
    IMAGE,
    LAYER,
    BLOB
  }

  String fileName() {
    String what = kind.name().toLowerCase(Locale.ROOT);
    return PREFIX + what + "-" + digest.algorithm() + "-" + digest.hex();
  }

  private static Optional<Pin> parse(String fileName) {
    if (!fileName.startsWith(PREFIX)) {
      return Optional.empty();
    }
    String[] parts = fileName.substring(PREFIX.length()).split("-", 3);
    return Optional.of(
        new Pin(Kind.valueOf(parts[0].toUpperCase(Locale.ROOT)), new Digest(parts[1], parts[2])));
  }

  /** All pins below {@code tmp}. Those of processes that died count until they are swept. */
  static Set<Pin> all(Path tmp) throws IOException {
    Set<Pin> pins = new HashSet<>();
    for (Path staging : list(tmp)) {
      for (Path file : list(staging)) {
        parse(file.getFileName().toString()).ifPresent(pins::add);
      }
    }
    return pins;
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    } catch (NoSuchFileException e) {
      // A process has put its staging directory away meanwhile, and its work is published.
      return List.of();
    }
  }
}
