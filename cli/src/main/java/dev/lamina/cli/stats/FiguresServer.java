package dev.lamina.cli.stats;

import dev.lamina.fuse.FuseMount;
import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.UnixConnection;
import dev.lamina.linux.UnixListener;
import dev.lamina.overlay.Overlay;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
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
  private static final AtomicBoolean REHEARSED = new AtomicBoolean();

  private final Supplier<Figures> figures;
  private final Path socket;
  private final UnixListener listener;

  private FiguresServer(Supplier<Figures> figures, Path socket, UnixListener listener) {
    this.figures = figures;
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
    long start = System.nanoTime();
    return start(directory, mount.device(), () -> figures(overlay, mount, start));
  }

  /** As above, for a mount with device number {@code device}. */
  static FiguresServer start(Path directory, String device, Supplier<Figures> figures)
      throws IOException {
    for (Path dead : FiguresSocket.remains(directory, device)) {
      Files.deleteIfExists(dead);
    }
    Path socket = FiguresSocket.fresh(directory, device);
    FiguresServer server = new FiguresServer(figures, socket, listen(socket));
    Thread thread = new Thread(null, server::serve, "lamina-stats", STACK_SIZE, true);
    thread.setDaemon(true);
    thread.start();
    return server;
  }

  /** It has its name once somebody listens: clients delete one that refuses them. */
  private static UnixListener listen(Path socket) throws IOException {
    Path unheard = FiguresSocket.unheard(socket);
    UnixListener listener = UnixListener.bind(unheard);
    try {
      At.rename(At.FDCWD, Name.of(unheard.toString()), At.FDCWD, Name.of(socket.toString()), 0);
      return listener;
    } catch (ErrnoException e) {
      listener.close();
      Files.deleteIfExists(unheard);
      throw e;
    }
  }

  private void serve() {
    rehearse();
    while (true) {
      try (UnixConnection connection = listener.accept()) {
        answer(connection);
      } catch (ErrnoException e) {
        if (e.errno() == Errno.EINVAL || !pause()) {
          return;
        }
      } catch (RuntimeException | Error e) {
        // Telling has failed, too: there may be no descriptor to load its classes by.
        if (!pause()) {
          return;
        }
      }
    }
  }

  /**
   * Loads what an answer takes, once and now: a class that could not be loaded, for want of
   * descriptors, is not looked for again (JVMS 5.4.3).
   */
  private void rehearse() {
    try {
      if (REHEARSED.compareAndSet(false, true)) {
        FiguresLines.write(figures.get());
      }
    } catch (RuntimeException | Error e) {
      // Whoever asks is told.
    }
  }

  /** Descriptors and memory that have run out come back. */
  private static boolean pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private void answer(UnixConnection connection) {
    try {
      connection.write(FiguresLines.write(figures.get()).getBytes(StandardCharsets.UTF_8));
    } catch (ErrnoException e) {
      LOG.debug("who asked for figures has gone: {}", e.getMessage());
    } catch (RuntimeException | Error e) {
      LOG.warn("no figures this time", e);
    }
  }

  private static Figures figures(Overlay overlay, FuseMount mount, long start) {
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
