package dev.lamina.store;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import java.nio.file.Path;

/** Changes of single files of the store, and how they reach stable storage. */
final class Durable {
  private Durable() {}

  /** Renames within the store; durable when both directories have been synced. */
  static void move(Path from, Path to) throws ErrnoException {
    At.rename(At.FDCWD, Name.of(from.toString()), At.FDCWD, Name.of(to.toString()), 0);
  }

  /** Unlinks a file that may be gone already; durable when its directory has been synced. */
  static void remove(Path file) throws ErrnoException {
    try {
      At.unlink(At.FDCWD, Name.of(file.toString()));
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
  }

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
