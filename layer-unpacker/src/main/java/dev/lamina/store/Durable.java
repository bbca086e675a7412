package dev.lamina.store;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import java.nio.file.Path;

/** Brings single files and directories of the store to stable storage. */
final class Durable {
  private Durable() {}

  /** A file's content, or the names in a directory. */
  static void sync(Path path) throws ErrnoException {
    int fd = At.open(At.FDCWD, Name.of(path.toString()), OpenFlags.O_RDONLY, 0);
    try {
      Fd.sync(fd);
    } finally {
      Fd.close(fd);
    }
  }
}
