package dev.lamina.cli;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.TreeRemoval;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * The demo's own directory, beside the usual state so that it lies on the same filesystem. It is
 * unmounted and removed when the demo ends, also by Ctrl-C.
 */
final class DemoScratch implements AutoCloseable {
  private final Path directory;
  private final Thread onInterrupt = new Thread(this::clean, "lamina-demo-cleanup");
  private DemoMount mount;
  private boolean cleaned;

  private DemoScratch(Path directory) {
    this.directory = directory;
  }

  static DemoScratch create() throws IOException {
    Path parent = State.usualRoot().toAbsolutePath().getParent();
    Files.createDirectories(parent);
    DemoScratch scratch = new DemoScratch(Files.createTempDirectory(parent, "lamina-demo-"));
    Files.createDirectory(scratch.mountPoint());
    Runtime.getRuntime().addShutdownHook(scratch.onInterrupt);
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
    Container container = new Container("demo", image.id().toString(), false, created, null, 0);
    state.containers().makeDirectories(container);
    state.store().prepareUpper(image, state.containers().upper(container.name()));
    return container;
  }

  /** Mounts; what is mounted when the demo is interrupted is unmounted. */
  synchronized DemoMount mount(OverlayOptions layers) throws IOException {
    mount = DemoMount.open(layers, mountPoint());
    return mount;
  }

  private synchronized void clean() {
    if (cleaned) {
      return;
    }
    cleaned = true;
    if (mount != null) {
      mount.close();
    }
    try {
      int parent = At.openDirectory(At.FDCWD, Name.of(directory.getParent().toString()));
      try {
        TreeRemoval.remove(parent, Name.of(directory.getFileName().toString()));
      } finally {
        Fd.close(parent);
      }
    } catch (ErrnoException e) {
      System.err.println("lamina demo: " + directory + " could not be removed: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    clean();
    Runtime.getRuntime().removeShutdownHook(onInterrupt);
  }
}
