package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

import dev.lamina.linux.Structs.Ucred;
import java.io.Closeable;
import java.io.EOFException;

/** One accepted connection of a {@link UnixListener}. Not thread-safe. */
public final class UnixConnection implements Closeable {
  private static final int SO_PEERCRED = 17;
  private static final int BUFFER = 16384;

  private final int fd;
  private final NativeMemory buffer = NativeMemory.allocate(BUFFER);
  private boolean closed;

  UnixConnection(int fd) {
    this.fd = fd;
  }

  /**
   * The process at the other end, as the kernel noted it when it connected.
   *
   * @param pid 0 where this process cannot see it, in another pid namespace
   */
  public record Peer(int pid, int uid, int gid) {}

  /** Who is at the other end. */
  public Peer peer() throws ErrnoException {
    NativeMemory memory = NativeMemory.allocate(Ucred.SIZE + 4);
    memory.putInt(Ucred.SIZE, Ucred.SIZE);
    check(
        C.getsockopt(
            fd, UnixSocket.SOL_SOCKET, SO_PEERCRED, memory.address(), memory.address(Ucred.SIZE)),
        "getsockopt",
        memory);
    return new Peer(memory.getInt(Ucred.PID), memory.getInt(Ucred.UID), memory.getInt(Ucred.GID));
  }

  /**
   * Waits for exactly {@code count} bytes.
   *
   * @throws EOFException where the other end closed before
   */
  public byte[] read(int count) throws ErrnoException, EOFException {
    byte[] bytes = new byte[count];
    for (int done = 0; done < count; ) {
      int read = Fd.read(fd, buffer, 0, Math.min(BUFFER, count - done));
      if (read == 0) {
        throw new EOFException("the other end has closed the connection");
      }
      buffer.get(0, bytes, done, read);
      done += read;
    }
    return bytes;
  }

  /**
   * Writes all of {@code bytes}, waiting where the other end is slow.
   *
   * @throws ErrnoException EPIPE or ECONNRESET where it has gone
   */
  public void write(byte[] bytes) throws ErrnoException {
    for (int done = 0; done < bytes.length; ) {
      int size = Math.min(BUFFER, bytes.length - done);
      buffer.put(0, bytes, done, size);
      done += Fd.write(fd, buffer, 0, size);
    }
  }

  /** Idempotent. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Fd.close(fd);
    }
  }
}
