package dev.lamina.cli;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.TreeRemoval;
import dev.lamina.store.ImageStore;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * The demo's own directory, beside the usual state so that it lies on the same filesystem. It is
 * removed when the demo ends.
 */
final class DemoScratch implements AutoCloseable {
  private final Path directory;

  private DemoScratch(Path directory) {
    this.directory = directory;
  }

  /** A fresh directory beside {@code root}, which need not exist. */
  static DemoScratch beside(Path root) throws IOException {
    Path parent = root.toAbsolutePath().normalize().getParent();
    if (parent == null) {
      parent = Path.of("/");
    }
    Files.createDirectories(parent);
    DemoScratch scratch = new DemoScratch(Files.createTempDirectory(parent, "lamina-demo-"));
    Files.createDirectory(scratch.mountPoint());
    return scratch;
  }

  Path directory() {
    return directory;
  }

  Path mountPoint() {
    return directory.resolve("mnt");
  }

  /** A new container of {@code image}, kept in this directory. */
  Container container(State state, StoredImage image) throws IOException {
    String created = Instant.now().toString();
    Container container =
        new Container(
            "demo",
            image.id().toString(),
            false,
            ImageStore.recordsOwners(),
            created,
            null,
            0,
            false);
    state.containers().makeDirectories(container);
    state.store().prepareUpper(image, state.containers().upper(container.name()));
    return container;
  }

  @Override
  public void close() throws IOException {
    try {
      int parent = At.openDirectory(At.FDCWD, Name.of(directory.getParent().toString()));
      try {
        TreeRemoval.remove(parent, Name.of(directory.getFileName().toString()));
      } finally {
        Fd.close(parent);
      }
    } catch (ErrnoException e) {
      throw e.about(directory);
    }
  }
}
