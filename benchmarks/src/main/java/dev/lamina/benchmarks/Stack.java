package dev.lamina.benchmarks;

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
}
