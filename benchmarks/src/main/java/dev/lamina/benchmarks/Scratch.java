package dev.lamina.benchmarks;

import dev.lamina.linux.At;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.TreeRemoval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Directories that come and go. */
public final class Scratch {
  private Scratch() {}

  /** An empty directory, whatever was there. */
  public static Path directory(Path path) throws IOException {
    Files.createDirectories(path);
    empty(path);
    return path;
  }

  /** Removes all that is in a directory. */
  public static void empty(Path directory) throws IOException {
    onDescriptor(directory, TreeRemoval::removeContents);
  }

  /** Writes out all that its filesystem holds back, so that the next one does not pay for it. */
  public static void settle(Path directory) throws IOException {
    onDescriptor(directory, Fd::syncFilesystem);
  }

  /** Something done with the descriptor of a directory. */
  private interface Operation {
    void on(int fd) throws IOException;
  }

  private static void onDescriptor(Path directory, Operation operation) throws IOException {
    int fd = open(directory);
    try {
      operation.on(fd);
    } finally {
      Fd.close(fd);
    }
  }

  /** A descriptor of {@code directory}, the caller's to close. */
  static int open(Path directory) throws IOException {
    Name name = Name.of(directory.toString());
    return At.open(At.FDCWD, name, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
  }
}
