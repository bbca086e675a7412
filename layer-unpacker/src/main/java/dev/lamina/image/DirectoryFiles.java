package dev.lamina.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** An image layout in a directory that the user named. */
final class DirectoryFiles implements ImageFiles {
  private final Path directory;

  DirectoryFiles(Path directory) {
    this.directory = directory;
  }

  @Override
  public long size(String path) throws IOException {
    Path file = directory.resolve(path);
    // Anything but a regular file (a FIFO, say) could block for ever.
    return Files.isRegularFile(file) ? Files.size(file) : -1;
  }

  @Override
  public InputStream open(String path) throws IOException {
    if (size(path) < 0) {
      throw new ImageException(
          ImageException.Kind.NOT_FOUND, name() + ": " + Json.printable(path) + " is missing");
    }
    return Files.newInputStream(directory.resolve(path));
  }

  @Override
  public Optional<Path> file(String path) {
    return Optional.of(directory.resolve(path));
  }

  @Override
  public String name() {
    return directory.toString();
  }

  @Override
  public void close() {}
}
