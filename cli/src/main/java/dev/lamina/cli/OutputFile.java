package dev.lamina.cli;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A result that appears as a whole or not at all: written beside its place, then renamed into it.
 * What is there and no regular file, such as a FIFO or {@code /dev/null}, is written as it is.
 */
final class OutputFile implements AutoCloseable {
  private static final int BUFFER = 1 << 16;

  private final Path place;

  /** Null where the place itself is written. */
  private final Path unfinished;

  private final OutputStream stream;

  private OutputFile(Path place, Path unfinished, OutputStream stream) {
    this.place = place;
    this.unfinished = unfinished;
    this.stream = new BufferedOutputStream(new Named(place, stream), BUFFER);
  }

  static OutputFile at(Path place) throws IOException {
    if (Files.exists(place) && !Files.isRegularFile(place)) {
      return new OutputFile(place, null, Files.newOutputStream(place, StandardOpenOption.WRITE));
    }
    Path full = Files.exists(place) ? place.toRealPath() : place.toAbsolutePath();
    Path unfinished =
        full.resolveSibling("." + full.getFileName() + ".lamina-" + ProcessHandle.current().pid());
    OutputStream stream =
        Files.newOutputStream(unfinished, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    return new OutputFile(full, unfinished, stream);
  }

  /** Says which file it is that cannot be written, which the JDK leaves out. */
  private static final class Named extends FilterOutputStream {
    private final Path place;

    Named(Path place, OutputStream stream) {
      super(stream);
      this.place = place;
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      try {
        out.write(bytes, from, count);
      } catch (IOException e) {
        throw new IOException("writing " + place + ": " + e.getMessage(), e);
      }
    }
  }

  /** Where the content goes; closing it is left to this. */
  OutputStream stream() {
    return stream;
  }

  /** All was written. */
  void finish() throws IOException {
    stream.close();
    if (unfinished != null) {
      Files.move(
          unfinished, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      stream.close();
    } finally {
      if (unfinished != null) {
        Files.deleteIfExists(unfinished);
      }
    }
  }
}
