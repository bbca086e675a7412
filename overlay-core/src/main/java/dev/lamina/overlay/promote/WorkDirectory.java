package dev.lamina.overlay.promote;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.TreeRemoval;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The scratch directory on the upper's filesystem, {@code work/work} as kernel overlayfs has it.
 * What is prepared here becomes visible by one rename; what a crash leaves here is swept when the
 * directory is opened next. Thread-safe.
 */
public final class WorkDirectory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkDirectory.class);
  private static final Name WORK = Name.of("work");

  private final int lockFd;
  private final int fd;
  private final SharedWhiteout whiteout = new SharedWhiteout();
  private final AtomicLong counter = new AtomicLong();

  private WorkDirectory(int lockFd, int fd) {
    this.lockFd = lockFd;
    this.fd = fd;
  }

  /**
   * Takes the user's work directory for this process alone, and sweeps it.
   *
   * @throws ErrnoException EBUSY when another live mount has it; EINVAL when a mount left a mark in
   *     {@code work/incompat}, such as that it was volatile
   */
  public static WorkDirectory open(String path) throws ErrnoException {
    int lockFd;
    try {
      lockFd = At.openHostPath(Name.of(path), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    } catch (ErrnoException e) {
      throw e.about("workdir " + path);
    }
    try {
      if (!Fd.tryLockExclusive(lockFd)) {
        throw new ErrnoException(Errno.EBUSY, "workdir " + path + " is in use by another mount");
      }
      return new WorkDirectory(lockFd, openSwept(lockFd, path));
    } catch (ErrnoException | RuntimeException e) {
      Fd.close(lockFd);
      throw e;
    }
  }

  private static int openSwept(int base, String path) throws ErrnoException {
    try {
      At.mkdir(base, WORK, 0700);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e.about("in workdir " + path);
      }
    }
    int work = At.openDirectory(base, WORK);
    try {
      IncompatMarks.requireNone(work, path);
      IncompatMarks.sweepAround(work);
    } catch (ErrnoException | RuntimeException e) {
      Fd.close(work);
      throw e;
    }
    return work;
  }

  /** The directory's descriptor; not to be closed. */
  public int fd() {
    return fd;
  }

  /** The user's directory, which holds the scratch one; not to be closed. */
  public int base() {
    return lockFd;
  }

  /** Refuses the upper to later mounts, until somebody removes the mark: it is not synced. */
  public void markVolatile() throws ErrnoException {
    IncompatMarks.markVolatile(fd);
  }

  /** A name that nothing here has yet. */
  public Name newName() {
    return Name.of("#" + Long.toHexString(counter.incrementAndGet()));
  }

  /** Makes a whiteout, char 0:0, ready to be renamed over something; its name here. */
  public Name makeWhiteout() throws ErrnoException {
    Name name = newName();
    makeWhiteout(fd, name);
    return name;
  }

  /**
   * Makes a whiteout where nothing is, in the upper: in one step, so nothing needs to be prepared.
   */
  public void makeWhiteout(int dirfd, Name name) throws ErrnoException {
    whiteout.make(dirfd, name);
  }

  /** Removes what was prepared and is not needed, or was replaced; a whole tree if it is one. */
  public void remove(Name name) throws ErrnoException {
    TreeRemoval.remove(fd, name);
  }

  /**
   * Removes what was replaced or is needed no more. The change is made by then, so what cannot be
   * removed now fails nobody: it is swept when the directory is opened next.
   */
  public void discard(Name name) {
    try {
      remove(name);
    } catch (ErrnoException e) {
      LOG.warn("left in the work directory until the next mount: {}: {}", name, e.getMessage());
    }
  }

  /** As {@link #remove} on the way out of a failure, which it does not hide. */
  public void removeAfter(Throwable failure, Name name) {
    try {
      remove(name);
    } catch (ErrnoException e) {
      failure.addSuppressed(e);
    }
  }

  @Override
  public void close() {
    whiteout.close();
    Fd.close(fd);
    Fd.close(lockFd);
  }
}
