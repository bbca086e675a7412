package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

import java.io.Closeable;
import java.nio.file.Path;

/**
 * A stream socket that has a name in the filesystem and waits for connections (unix(7)). The JDK
 * has such sockets too, but does not tell which process is at the other end.
 *
 * <p>Thread-safe.
 */
public final class UnixListener implements Closeable {
  /** Connections that may wait to be accepted; the kernel takes its own limit if that is lower. */
  private static final int BACKLOG = 1024;

  private static final int SHUT_RDWR = 2;

  private final int fd;
  private boolean closed;
  private int accepting;

  private UnixListener(int fd) {
    this.fd = fd;
  }

  /**
   * Listens on {@code path}.
   *
   * @throws ErrnoException EADDRINUSE where something has that name; ENAMETOOLONG for a path of
   *     more than 107 bytes
   */
  public static UnixListener bind(Path path) throws ErrnoException {
    Name name = Name.of(path.toString());
    NativeMemory address = UnixSocket.address(name);
    int fd =
        check(
            C.socket(UnixSocket.AF_UNIX, UnixSocket.SOCK_STREAM | UnixSocket.SOCK_CLOEXEC, 0),
            "socket");
    try {
      check(C.bind(fd, address.address(), address.size()), "bind", address, name);
      check(C.listen(fd, BACKLOG), "listen");
      return new UnixListener(fd);
    } catch (ErrnoException e) {
      Fd.close(fd);
      throw e;
    }
  }

  /**
   * Waits for the next connection.
   *
   * @throws ErrnoException EINVAL once this is closed; EMFILE and the like, which pass
   */
  public UnixConnection accept() throws ErrnoException {
    synchronized (this) {
      if (closed) {
        throw new ErrnoException(Errno.EINVAL, "accept");
      }
      accepting++;
    }
    try {
      while (true) {
        try {
          return connection(check(C.accept4(fd, 0, 0, UnixSocket.SOCK_CLOEXEC), "accept"));
        } catch (ErrnoException e) {
          if (e.errno() != Errno.EINTR && e.errno() != Errno.ECONNABORTED) {
            throw e;
          }
        }
      }
    } finally {
      synchronized (this) {
        accepting--;
        closeUnused();
      }
    }
  }

  private void closeUnused() {
    if (closed && accepting == 0) {
      Fd.close(fd);
    }
  }

  private static UnixConnection connection(int accepted) {
    try {
      return new UnixConnection(accepted);
    } catch (OutOfMemoryError e) {
      Fd.close(accepted);
      throw e;
    }
  }

  /**
   * Accepts no more: who waits in {@link #accept} is told so, and who connected and was not
   * accepted finds the connection closed. The last of those who accept closes the descriptor.
   * Idempotent.
   */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      C.shutdown(fd, SHUT_RDWR);
      closeUnused();
    }
  }
}
