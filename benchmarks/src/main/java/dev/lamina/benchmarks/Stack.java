package dev.lamina.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a system is to mount.
 *
 * @param lowers topmost first
 * @param upper empty at first
 * @param work empty at first, on the filesystem of the upper
 * @param target an empty directory
 */
public record Stack(List<Path> lowers, Path upper, Path work, Path target) {
  public Stack {
    lowers = List.copyOf(lowers);
  }

  /** One whose own directories are made in {@code place}, which is made where it is missing. */
  public static Stack in(Path place, List<Path> lowers) throws IOException {
    Files.createDirectories(place);
    return new Stack(
        lowers,
        Files.createDirectory(place.resolve("upper")),
        Files.createDirectory(place.resolve("work")),
        Files.createDirectory(place.resolve("merged")));
  }
}
