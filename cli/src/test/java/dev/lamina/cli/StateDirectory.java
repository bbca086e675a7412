package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.linux.MountTable;
import dev.lamina.store.ImageStore;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/** A test's own state directory, looked at from outside while the launchers use it. */
final class StateDirectory {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Path root;

  StateDirectory(Path root) {
    this.root = root;
  }

  Launcher launcher() {
    return Launcher.withRoot(root);
  }

  Path root() {
    return root;
  }

  Path home(String container) {
    return root.resolve("containers").resolve(container);
  }

  /** The record of a container that must exist. */
  Container container(String name) throws IOException {
    return new Containers(root.resolve("containers")).find(name).orElseThrow();
  }

  StoredImage image(String text) throws IOException {
    return ImageStore.open(root).find(text).orElseThrow();
  }

  List<String> containers() throws IOException {
    return names(root.resolve("containers"));
  }

  /** What lies where nothing may be but what a running process is unpacking. */
  List<String> staging() throws IOException {
    return names(root.resolve("tmp"));
  }

  /** Nothing half-done: no staging, and no container but those. */
  void holdsOnly(String... containers) throws IOException {
    assertThat(staging()).as("left in the store's tmp").isEmpty();
    assertThat(containers()).as("containers").containsExactlyInAnyOrder(containers);
  }

  private static List<String> names(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(path -> path.getFileName().toString()).toList();
    }
  }

  static boolean isMounted(Path mountPoint) throws IOException {
    return MountTable.at(mountPoint).isPresent();
  }

  /** Waits for something that must become true soon. */
  static void await(String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("waited for: %s", what).isLessThan(deadline);
      Thread.sleep(10);
    }
  }
}
