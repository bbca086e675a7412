package dev.lamina.store;

import dev.lamina.image.ImageException;
import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import java.io.Closeable;
import java.io.IOException;

/**
 * The store's one lock, an {@code flock} of the file {@code lock}. It is held for moments only, by
 * threads as by processes: shared by who pins what it is going to use, or publishes; exclusively by
 * who takes something away. What is found under it stays as long as it is held, and what is pinned
 * ({@link Staging#pin}) stays after that. A process that dies gives it back.
 */
final class StoreLock implements Closeable {
  private static final int FIRST_PAUSE_MILLIS = 1;
  private static final int LONGEST_PAUSE_MILLIS = 32;

  private int fd;

  private StoreLock(int fd) {
    this.fd = fd;
  }

  /** Nothing is taken away meanwhile. */
  static StoreLock shared(StoreLayout layout) throws IOException {
    return take(layout, false);
  }

  /** Nothing is published or pinned meanwhile. */
  static StoreLock exclusive(StoreLayout layout) throws IOException {
    return take(layout, true);
  }

  private static StoreLock take(StoreLayout layout, boolean exclusive) throws IOException {
    int flags = OpenFlags.O_RDWR | OpenFlags.O_CREAT;
    int fd = At.open(At.FDCWD, Name.of(layout.lock().toString()), flags, 0600);
    try {
      await(fd, exclusive);
      return new StoreLock(fd);
    } catch (IOException | RuntimeException e) {
      Fd.close(fd);
      throw e;
    }
  }

  /** By asking again: a thread inside flock(2) could not be interrupted. */
  private static void await(int fd, boolean exclusive) throws ImageException, ErrnoException {
    int pause = FIRST_PAUSE_MILLIS;
    while (!(exclusive ? Fd.tryLockExclusive(fd) : Fd.tryLockShared(fd))) {
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ImageException(ImageException.Kind.INTERRUPTED, "interrupted", e);
      }
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    }
  }

  @Override
  public void close() {
    if (fd >= 0) {
      Fd.close(fd);
      fd = -1;
    }
  }
}
