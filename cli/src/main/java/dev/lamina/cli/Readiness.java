package dev.lamina.cli;

import dev.lamina.cli.log.LogFile;
import dev.lamina.cli.log.LogLines;
import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.ServiceManager;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a server tells the launcher that started it that it serves, and lets go of the terminal:
 * whoever called the launcher waits for the end of its standard streams.
 *
 * <p>The launcher names the descriptor to report on in {@code LAMINA_READY_FD}; without it the
 * server was started in the foreground, keeps its streams, and tells a service manager.
 */
final class Readiness {
  private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);
  private static final int NONE = -1;
  private static final byte[] READY = "ready\n".getBytes(StandardCharsets.US_ASCII);

  private final int fd;

  private Readiness(int fd) {
    this.fd = fd;
  }

  static Readiness fromEnvironment() {
    String value = System.getenv("LAMINA_READY_FD");
    return new Readiness(value == null ? NONE : Integer.parseInt(value));
  }

  /** Whether a launcher waits for the report. */
  boolean isDetached() {
    return fd != NONE;
  }

  /** As below, where lines of the log say themselves what they are about. */
  void report(Optional<LogFile> log) throws ErrnoException {
    report(log, null);
  }

  /**
   * Reports that this serves and gives up the inherited streams.
   *
   * @param log where standard error goes from now on; empty discards it
   * @param mount what its lines are about; null leaves them as they are
   */
  void report(Optional<LogFile> log, String mount) throws ErrnoException {
    if (!isDetached()) {
      tellServiceManager();
      return;
    }
    System.out.flush();
    int nowhere = At.openHostPath(Name.of("/dev/null"), OpenFlags.O_RDWR);
    if (log.isPresent()) {
      log.get().begin();
    } else {
      Fd.redirect(nowhere, 2);
    }
    Fd.redirect(nowhere, 0);
    Fd.redirect(nowhere, 1);
    Fd.close(nowhere);
    if (log.isPresent() && mount != null) {
      LogLines lines = new LogLines(log.get(), mount);
      System.setErr(new PrintStream(lines, true, StandardCharsets.UTF_8));
    }
    NativeMemory word = NativeMemory.allocate(READY.length);
    word.put(0, READY, 0, READY.length);
    Fd.write(fd, word, 0, READY.length);
    Fd.close(fd);
  }

  /** A server in the foreground may be a systemd service of {@code Type=notify}. */
  private static void tellServiceManager() {
    String socket = System.getenv("NOTIFY_SOCKET");
    if (socket != null && !socket.isEmpty()) {
      try {
        new ServiceManager(socket).send("READY=1");
      } catch (ErrnoException e) {
        // Whoever set it does not listen: no reason not to serve.
        LOG.warn("no service manager at NOTIFY_SOCKET: {}", e.getMessage());
      }
    }
  }
}
