package dev.lamina.cli;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import java.nio.file.Path;

/**
 * A container's name, for whoever is making a container of it: a locked file {@code .making-NAME}
 * beside the containers. One that a killed process left has no lock, and counts for nothing.
 */
final class NameClaim implements AutoCloseable {
  private static final String PREFIX = ".making-";
  private static final int FLAGS = OpenFlags.O_RDWR | OpenFlags.O_CREAT;

  private final Name file;
  private final int fd;
  private boolean closed;

  private NameClaim(Name file, int fd) {
    this.file = file;
    this.fd = fd;
  }

  /**
   * Claims {@code name} in the directory of all containers.
   *
   * @throws CommandFailure where another process or thread has it
   */
  static NameClaim of(Path containers, String name) throws ErrnoException, CommandFailure {
    Name file = Name.of(containers.resolve(PREFIX + name).toString());
    Stat stat = new Stat();
    while (true) {
      int fd = At.open(At.FDCWD, file, FLAGS, 0600);
      if (!Fd.tryLockExclusive(fd)) {
        Fd.close(fd);
        throw new CommandFailure(ExitStatus.BUSY, "container " + name + " is being made");
      }
      At.stat(fd, stat);
      if (stat.nlink > 0) {
        return new NameClaim(file, fd);
      }
      // Somebody closed it in between, and another may have made the next one.
      Fd.close(fd);
    }
  }

  /** The name may be claimed again. */
  @Override
  public void close() throws ErrnoException {
    if (closed) {
      return;
    }
    closed = true;
    try {
      At.unlink(At.FDCWD, file);
    } finally {
      Fd.close(fd);
    }
  }
}
