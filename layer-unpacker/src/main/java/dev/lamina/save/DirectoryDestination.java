package dev.lamina.save;

import dev.lamina.image.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * A directory. Each file appears when it is complete, and stays if a later one fails: whoever saves
 * again, or the same layer beside us, takes it.
 */
final class DirectoryDestination implements Destination {
  private final Path root;

  DirectoryDestination(Path root) {
    this.root = root;
  }

  @Override
  public boolean has(String path, long size) throws IOException {
    Path file = root.resolve(path);
    return Files.isRegularFile(file) && Files.size(file) == size;
  }

  @Override
  public Optional<byte[]> read(String path) throws IOException {
    Path file = root.resolve(path);
    return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
  }

  @Override
  public void put(String path, long size, InputStream content) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    // No createTempFile: a layout is for everybody to read whom the umask lets.
    Path unfinished =
        file.resolveSibling("." + file.getFileName() + "-" + ProcessHandle.current().pid());
    try {
      Files.copy(content, unfinished, StandardCopyOption.REPLACE_EXISTING);
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw ImageException.host("writing " + file, e);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  @Override
  public void close() {}
}
