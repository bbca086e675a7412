package dev.lamina.snapshot;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Identity;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/** One snapshotter for a root: a lock (flock(2)) that the kernel takes back from the killed. */
final class RootLock implements Closeable {
  private static final int WRITABLE_BY_OTHERS = 022;

  private final int fd;
  private boolean closed;

  private RootLock(int fd) {
    this.fd = fd;
  }

  /**
   * Takes it.
   *
   * @throws IOException where another has it (EBUSY), or somebody else can write there
   */
  static RootLock take(Path root) throws IOException {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
    int fd = At.openHostPath(Name.of(root.toString()), flags);
    boolean taken = false;
    try {
      requireOwn(fd, root);
      taken = Fd.tryLockExclusive(fd);
    } finally {
      if (!taken) {
        Fd.close(fd);
      }
    }
    if (!taken) {
      throw new ErrnoException(Errno.EBUSY, root + " is in use by another snapshotter");
    }
    return new RootLock(fd);
  }

  private static void requireOwn(int fd, Path root) throws IOException {
    Stat stat = new Stat();
    At.stat(fd, stat);
    if (stat.uid != Identity.processUid() || (stat.mode & WRITABLE_BY_OTHERS) != 0) {
      throw new IOException(
          root + " has to be a directory of your own that nobody else can write to");
    }
  }

  /** Idempotent. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Fd.close(fd);
    }
  }
}
