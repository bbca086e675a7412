package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import java.nio.file.Path;

/** The upper for one union alone, whatever its work directory. Ends with the process, too. */
final class UpperLock implements AutoCloseable {
  private final int fd;

  private UpperLock(int fd) {
    this.fd = fd;
  }

  /**
   * Takes the lock.
   *
   * @throws ErrnoException EBUSY when another live mount has it
   */
  static UpperLock take(Path upper) throws ErrnoException {
    int fd;
    try {
      int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
      fd = At.openHostPath(Name.of(upper.toString()), flags);
    } catch (ErrnoException e) {
      throw e.about("upperdir " + upper);
    }
    try {
      if (!Fd.tryLockExclusive(fd)) {
        throw new ErrnoException(Errno.EBUSY, "upperdir " + upper + " is in use by another mount");
      }
      return new UpperLock(fd);
    } catch (ErrnoException | RuntimeException e) {
      Fd.close(fd);
      throw e;
    }
  }

  /** The upper's descriptor; not to be closed. */
  int fd() {
    return fd;
  }

  @Override
  public void close() {
    Fd.close(fd);
  }
}
