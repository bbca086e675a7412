package dev.lamina.cli.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * Standard error of a server that has let its caller go: a file to which other servers may append
 * as well. Each line goes to whatever has its name by then, so that it may be moved or deleted at
 * any time. Thread-safe.
 *
 * <p>One that is bounded becomes {@code FILE.old}, in the place of a former one, by whoever finds
 * it full; the others follow with their next lines.
 */
public final class LogFile extends OutputStream {
  /** Some seven thousand warnings. On a tmpfs, they are memory. */
  private static final long MOST_BYTES = 1 << 20;

  private static final int STANDARD_ERROR = 2;
  private static final int APPEND = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_APPEND;
  private static final int MODE = 0600;

  private final Name name;
  private final Name old;
  private final long most;
  private final int fd;
  private final OutputStream out;

  @GuardedBy("this")
  private final Stat own = new Stat();

  @GuardedBy("this")
  private final Stat found = new Stat();

  @GuardedBy("this")
  private boolean begun;

  /** As below, on descriptor {@code fd}, to which {@code out} writes. */
  LogFile(Path path, long most, int fd, OutputStream out) {
    this.name = Name.of(path.toString());
    this.old = Name.of(path + ".old");
    this.most = most;
    this.fd = fd;
    this.out = out;
  }

  private static LogFile onStandardError(Path path, long most) {
    return new LogFile(path, most, STANDARD_ERROR, new FileOutputStream(FileDescriptor.err));
  }

  /** One of Lamina's own, {@code path}, absolute. */
  public static LogFile bounded(Path path) {
    return onStandardError(path, MOST_BYTES);
  }

  /** One that somebody looks after, or that goes with what it is about; absolute. */
  public static LogFile unbounded(Path path) {
    return onStandardError(path, Long.MAX_VALUE);
  }

  /**
   * Makes standard error this file. Until then what is written goes to what standard error is.
   *
   * @throws ErrnoException where it cannot be opened; nothing has changed then
   */
  public synchronized void begin() throws ErrnoException {
    open();
    begun = own.isRegular();
  }

  @GuardedBy("this")
  private void open() throws ErrnoException {
    int opened = At.open(At.FDCWD, name, APPEND, MODE);
    try {
      At.stat(opened, own);
      Fd.redirect(opened, fd);
    } finally {
      Fd.close(opened);
    }
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  /** Writes whole lines. */
  @Override
  public synchronized void write(byte[] bytes, int from, int count) throws IOException {
    if (begun) {
      follow();
    }
    out.write(bytes, from, count);
  }

  @GuardedBy("this")
  private void follow() {
    try {
      if (!isInItsPlace() || (found.size >= most && makeRoom())) {
        open();
      }
    } catch (ErrnoException e) {
      // What is open is as good as ever.
    }
  }

  @GuardedBy("this")
  private boolean isInItsPlace() throws ErrnoException {
    return At.stat(At.FDCWD, name, found) && found.dev == own.dev && found.ino == own.ino;
  }

  /** False while another does so. */
  @GuardedBy("this")
  private boolean makeRoom() throws ErrnoException {
    if (!Fd.tryLockExclusive(fd)) {
      return false;
    }
    try {
      if (isInItsPlace()) {
        At.rename(At.FDCWD, name, At.FDCWD, old, 0);
      }
      return true;
    } finally {
      Fd.unlock(fd);
    }
  }
}
