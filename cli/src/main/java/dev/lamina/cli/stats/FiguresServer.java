package dev.lamina.cli.stats;

import dev.lamina.fuse.FuseMount;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.UnixConnection;
import dev.lamina.linux.UnixListener;
import dev.lamina.overlay.Overlay;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the figures of one mount to everyone who connects to its socket, on a thread of its own.
 * Nobody has to say anything, and what is given fits into the socket's buffer: nobody can hold it
 * up.
 */
public final class FiguresServer implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(FiguresServer.class);
  private static final int STACK_SIZE = 128 * 1024;
  private static final int PAUSE_MILLIS = 200;

  private final Overlay overlay;
  private final FuseMount mount;
  private final Path socket;
  private final UnixListener listener;
  private final long start = System.nanoTime();

  private FiguresServer(Overlay overlay, FuseMount mount, Path socket, UnixListener listener) {
    this.overlay = overlay;
    this.mount = mount;
    this.socket = socket;
    this.listener = listener;
  }

  /**
   * Takes connections for {@code mount} from now on, until it is closed.
   *
   * @param directory one that nobody but this process's user can enter: that is all that keeps
   *     others away
   */
  public static FiguresServer start(Path directory, Overlay overlay, FuseMount mount)
      throws IOException {
    for (Path dead : FiguresSocket.of(directory, mount.device())) {
      Files.deleteIfExists(dead);
    }
    Path socket = FiguresSocket.fresh(directory, mount.device());
    UnixListener listener = UnixListener.bind(socket);
    FiguresServer server = new FiguresServer(overlay, mount, socket, listener);
    Thread thread = new Thread(null, server::serve, "lamina-stats", STACK_SIZE, true);
    thread.setDaemon(true);
    thread.start();
    return server;
  }

  private void serve() {
    while (true) {
      try (UnixConnection connection = listener.accept()) {
        answer(connection);
      } catch (ErrnoException e) {
        if (e.errno() == Errno.EINVAL || !pause(e)) {
          return;
        }
      }
    }
  }

  /** Descriptors and memory that have run out come back. */
  private static boolean pause(ErrnoException why) {
    LOG.debug("no figures for now: {}", why.getMessage());
    try {
      Thread.sleep(PAUSE_MILLIS);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private void answer(UnixConnection connection) {
    try {
      connection.write(FiguresLines.write(figures()).getBytes(StandardCharsets.UTF_8));
    } catch (ErrnoException e) {
      LOG.debug("who asked for figures has gone: {}", e.getMessage());
    } catch (RuntimeException | Error e) {
      LOG.warn("no figures this time", e);
    }
  }

  private Figures figures() {
    return new Figures(
        mount.mountPoint().toString(),
        ProcessHandle.current().pid(),
        Figures.Carrier.of(mount),
        (System.nanoTime() - start) / 1_000_000,
        mount.metrics(),
        overlay.metrics());
  }

  /** Takes no more connections. Idempotent. */
  @Override
  public void close() {
    listener.close();
    try {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      LOG.debug("{} stays: {}", socket, e.getMessage());
    }
  }
}
