package dev.lamina.overlay.promote;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import java.time.Duration;

/**
 * The work directory for one union alone. Who is unmounted may still have large files to bring up:
 * he keeps the directory and says so, and the next one waits for him instead of being refused;
 * which he can see, and leaves the rest to him. Ends with the process, too.
 *
 * <p>Two locks (flock(2)): that of the user's directory is held to the very end, that of {@code
 * work} in it only while the union is live, and shared by those who wait for the first.
 */
final class WorkLock implements AutoCloseable {
  /** One piece of a file, and syncs of what is there, are all that is waited for. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final long POLL_MILLIS = 5;

  /** Whoever looks holds a lock for an instant, so that one refusal says nothing. */
  private static final int LOOKS = 10;

  private static final int NONE = -1;

  private final int base;
  private int live = NONE;

  private WorkLock(int base) {
    this.base = base;
  }

  /**
   * Takes the user's directory {@code path}.
   *
   * @throws ErrnoException EBUSY when another live mount has it, or one that does not end
   */
  static WorkLock take(String path, Name work) throws ErrnoException {
    int base;
    try {
      base = At.openHostPath(Name.of(path), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    } catch (ErrnoException e) {
      throw e.about("workdir " + path);
    }
    try {
      if (!Fd.tryLockExclusive(base)) {
        awaitEnd(base, work, path);
      }
      return new WorkLock(base);
    } catch (ErrnoException | RuntimeException e) {
      Fd.close(base);
      throw e;
    }
  }

  private static void awaitEnd(int base, Name work, String path) throws ErrnoException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    int mark = At.openIfExists(base, work, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    try {
      while (mark != NONE && System.nanoTime() < deadline && isEnding(mark)) {
        pause();
        if (Fd.tryLockExclusive(base)) {
          return;
        }
        // So that who has taken it meanwhile, and lives, can say so.
        Fd.unlock(mark);
        pause();
      }
    } finally {
      if (mark != NONE) {
        Fd.close(mark);
      }
    }
    throw new ErrnoException(Errno.EBUSY, "workdir " + path + " is in use by another mount");
  }

  private static boolean isEnding(int mark) throws ErrnoException {
    for (int look = 0; look < LOOKS; look++) {
      if (Fd.tryLockShared(mark)) {
        return true;
      }
      pause();
    }
    return false;
  }

  private static void pause() throws ErrnoException {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ErrnoException(Errno.EINTR, "waiting for the workdir of a mount that ends");
    }
  }

  /** The user's directory; not to be closed. */
  int base() {
    return base;
  }

  /** The union lives; {@code work} is in the user's directory. */
  void begin(Name work) throws ErrnoException {
    live = At.open(base, work, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    // Not to be had where somebody holds it for long: he will wait in vain.
    isTaken(live);
  }

  private static boolean isTaken(int mark) throws ErrnoException {
    for (int look = 0; look < 2 * LOOKS; look++) {
      if (Fd.tryLockExclusive(mark)) {
        return true;
      }
      pause();
    }
    return false;
  }

  /** The union is going to end: from now on others wait for it. */
  void end() throws ErrnoException {
    if (live != NONE) {
      Fd.unlock(live);
    }
  }

  /** Once this {@linkplain #end ends}: whether somebody waits. */
  boolean isAwaited() throws ErrnoException {
    if (live == NONE || !Fd.tryLockExclusive(live)) {
      return live != NONE;
    }
    Fd.unlock(live);
    return false;
  }

  @Override
  public void close() {
    if (live != NONE) {
      Fd.close(live);
    }
    Fd.close(base);
  }
}
