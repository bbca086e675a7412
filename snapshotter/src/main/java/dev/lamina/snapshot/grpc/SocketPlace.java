package dev.lamina.snapshot.grpc;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Identity;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The name of the service's socket. A socket is bound under another name beside it and takes the
 * place when it is ready: so nobody ever finds it with other permissions, or not listening.
 */
final class SocketPlace {
  /** struct sockaddr_un has room for so many bytes (unix(7)). */
  private static final int MOST_BYTES = 107;

  private static final int WRITABLE_BY_OTHERS = 022;
  private static final int STICKY = 01000;
  private static final int OWNER_ONLY = 0600;

  private final Path socket;
  private final Path temporary;
  private long inode;

  private SocketPlace(Path socket, Path temporary) {
    this.socket = socket;
    this.temporary = temporary;
  }

  /**
   * A place that nobody serves.
   *
   * @throws IOException where somebody listens, something else has the name, or others could put
   *     their own socket there
   */
  static SocketPlace at(Path socket) throws IOException {
    Path absolute = socket.toAbsolutePath().normalize();
    Path directory = absolute.getParent();
    if (directory == null || absolute.getFileName() == null) {
      throw new IOException(socket + " is no name for a socket");
    }
    Path temporary =
        directory.resolve("." + absolute.getFileName() + "." + ProcessHandle.current().pid());
    if (Name.of(temporary.toString()).length() > MOST_BYTES) {
      throw new IOException(socket + " is too long for the name of a socket");
    }
    requireSafe(directory);
    SocketPlace place = new SocketPlace(absolute, temporary);
    place.requireFree();
    Files.deleteIfExists(temporary);
    return place;
  }

  private static void requireSafe(Path directory) throws IOException {
    Stat stat = new Stat();
    // What is no directory is told by whoever binds.
    if (!At.stat(At.FDCWD, Name.of(directory.toRealPath().toString()), stat)) {
      throw new ErrnoException(Errno.ENOENT, directory.toString());
    }
    boolean ours = stat.uid == Identity.processUid() || stat.uid == 0;
    boolean shared = (stat.mode & WRITABLE_BY_OTHERS) != 0 && (stat.mode & STICKY) == 0;
    if (!ours || shared) {
      throw new IOException(
          directory + ": others could put a socket of theirs there; use a directory of your own");
    }
  }

  private void requireFree() throws IOException {
    Stat stat = new Stat();
    if (!At.stat(At.FDCWD, Name.of(socket.toString()), stat)) {
      return;
    }
    if ((stat.mode & FileMode.S_IFMT) != FileMode.S_IFSOCK) {
      throw new IOException(socket + " is there already, and is no socket");
    }
    if (isServed()) {
      throw new ErrnoException(Errno.EBUSY, socket + ": another server listens there");
    }
  }

  /** False for the socket of one that was killed: our own takes its place. */
  private boolean isServed() {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return channel.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** What to bind. */
  UnixDomainSocketAddress address() {
    return UnixDomainSocketAddress.of(temporary);
  }

  /** Makes the socket, which listens by now, known by its name, to its owner alone. */
  void publish() throws IOException {
    Name bound = Name.of(temporary.toString());
    At.chmod(At.FDCWD, bound, OWNER_ONLY);
    Stat stat = new Stat();
    At.stat(At.FDCWD, bound, stat);
    inode = stat.ino;
    Files.move(temporary, socket, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Takes the name away, unless it is another's by now. */
  void withdraw() throws IOException {
    Files.deleteIfExists(temporary);
    Stat stat = new Stat();
    if (inode != 0 && At.stat(At.FDCWD, Name.of(socket.toString()), stat) && stat.ino == inode) {
      Files.deleteIfExists(socket);
    }
  }
}
