package dev.lamina.overlay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A stack of layer directories for one test: lowers named topmost first, an upper and a work. */
final class Stack {
  private final Path root;
  private final List<Path> lowers = new ArrayList<>();

  Stack(Path root) throws IOException {
    this.root = root;
    Files.createDirectories(upper());
    Files.createDirectories(work());
  }

  /** A new layer below all others. */
  Path lower() throws IOException {
    Path lower = Files.createDirectories(root.resolve("lower" + lowers.size()));
    lowers.add(lower);
    return lower;
  }

  Path upper() {
    return root.resolve("upper");
  }

  Path work() {
    return root.resolve("work");
  }

  OverlayOptions.Builder options() {
    OverlayOptions.Builder options = OverlayOptions.builder().writable(upper(), work());
    lowers.forEach(options::addLower);
    return options;
  }

  Overlay open() throws IOException {
    return Overlay.open(options().build());
  }

  /** How many nodes {@code overlay} remembers, the root included. */
  static int nodes(Overlay overlay) {
    return ((UnionFileSystem) overlay.inodes()).nodeCount();
  }

  /**
   * How many descriptors this process has open, but for those that the JVM opens when it likes: of
   * jars, and to look at its limits.
   */
  static int descriptors() throws IOException {
    try (var fds = Files.list(Path.of("/proc/self/fd"))) {
      return (int) fds.filter(Stack::isNotOfTheJvm).count();
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
