package dev.lamina.cli;

import dev.lamina.cli.daemon.Rendezvous;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.UnixListener;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/**
 * The place of the one daemon of a {@link Rendezvous}, held by a lock that the kernel takes back
 * from whoever dies.
 */
final class DaemonPlace implements Closeable {
  /** Longer than between the lock and the socket of another that is starting. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Duration POLL = Duration.ofMillis(10);

  private final Rendezvous rendezvous;
  private final FileChannel lock;

  private DaemonPlace(Rendezvous rendezvous, FileChannel lock) {
    this.rendezvous = rendezvous;
    this.lock = lock;
  }

  /** Takes the place; empty when another daemon has it, and takes calls. */
  static Optional<DaemonPlace> take(Rendezvous rendezvous)
      throws IOException, InterruptedException, CommandFailure {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      FileChannel channel =
          FileChannel.open(rendezvous.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() != null) {
        Files.deleteIfExists(rendezvous.socket());
        removeOfDead(rendezvous);
        return Optional.of(new DaemonPlace(rendezvous, channel));
      }
      channel.close();
      if (answers(rendezvous.socket())) {
        return Optional.empty();
      }
      if (System.nanoTime() > deadline) {
        throw new CommandFailure(
            ExitStatus.BUSY, "another daemon holds " + rendezvous.lock() + " and takes no calls");
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  /** Sockets of daemons that were killed: their clients would try them for ever. */
  private static void removeOfDead(Rendezvous own) throws IOException {
    try (DirectoryStream<Path> locks = Files.newDirectoryStream(own.directory(), "*.lock")) {
      for (Path path : locks) {
        if (path.equals(own.lock())) {
          // To close any descriptor of it would release it (fcntl(2)).
          continue;
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
          if (channel.tryLock() != null) {
            String name = path.getFileName().toString();
            Files.deleteIfExists(path.resolveSibling(name.replace(".lock", ".sock")));
          }
        }
      }
    }
  }

  private static boolean answers(Path socket) {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return channel.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  UnixListener listen() throws ErrnoException {
    return UnixListener.bind(rendezvous.socket());
  }

  Path log() {
    return rendezvous.log();
  }

  /** Leaves the place to others. Idempotent. */
  @Override
  public synchronized void close() {
    try {
      if (lock.isOpen()) {
        Files.deleteIfExists(rendezvous.socket());
        lock.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
