package dev.lamina.cli.daemon;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.cli.log.LogLines;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.UnixConnection;
import dev.lamina.linux.UnixListener;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the command lines of its clients, each on a thread of its own that lives as long as the
 * mount it makes: so none waits for another, whatever becomes of its mount. Thread-safe.
 */
public final class Daemon {
  private static final Logger log = LoggerFactory.getLogger(Daemon.class);

  /** Between attempts to accept, where there are too many descriptors or threads. */
  private static final Duration PAUSE = Duration.ofMillis(200);

  /** How long mounts may take to end, all together. */
  private static final Duration PATIENCE = Duration.ofSeconds(25);

  private final UnixListener listener;
  private final String build;
  private final Standing standing;
  private final Commands commands;
  private final Runnable farewell;
  private final OutputStream errors;

  @GuardedBy("this")
  private final Set<Thread> calls = new HashSet<>();

  @GuardedBy("this")
  private long lastChange = System.nanoTime();

  /** Another build takes over: what is there is served, and nothing else. */
  @GuardedBy("this")
  private boolean retired;

  /** Nobody is served any more. */
  @GuardedBy("this")
  private boolean over;

  @GuardedBy("this")
  private int served;

  /** What the daemon can do for its clients. */
  public interface Commands {
    /**
     * Runs a command line to its end, on the calling thread, which is interrupted when the daemon
     * ends. It speaks through {@code System.out} and {@code System.err}.
     *
     * @param conversation to be released when a mount is live
     * @return the exit status, or {@link Reply#DECLINED} for what is not done here
     */
    int run(Request request, Conversation conversation);
  }

  /**
   * A daemon that does not serve yet. From now on all threads of this process speak in their {@link
   * Conversation}.
   *
   * @param build see {@link Build}
   * @param farewell called when no more clients are taken, before the last mounts have ended; more
   *     than once
   * @param errors where whole lines go that are nobody's answer
   */
  public Daemon(
      UnixListener listener,
      String build,
      Commands commands,
      Runnable farewell,
      OutputStream errors)
      throws IOException {
    this.listener = listener;
    this.build = build;
    this.standing = Standing.of("self");
    this.commands = commands;
    this.farewell = farewell;
    this.errors = errors;
    Conversation.replaceStandardStreams(new LogLines(errors, "daemon"));
  }

  /** Begins to serve. */
  public void start() {
    thread(this::acceptAll, "lamina-accept").start();
  }

  private static Thread thread(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Waits until there was nothing to do for {@code time}; once another build has taken over, for no
   * time at all. Whoever comes later is not served.
   */
  public synchronized void awaitIdle(Duration time) throws InterruptedException {
    while (true) {
      long left = retired ? 0 : lastChange + time.toNanos() - System.nanoTime();
      if (calls.isEmpty() && left <= 0) {
        over = true;
        return;
      }
      if (calls.isEmpty()) {
        wait(left / 1_000_000 + 1);
      } else {
        wait();
      }
    }
  }

  /** Takes no more calls, ends all mounts, and waits until they are put away. */
  public void stop() {
    close();
    Set<Thread> left;
    synchronized (this) {
      over = true;
      left = new HashSet<>(calls);
    }
    left.forEach(Thread::interrupt);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    boolean interrupted = false;
    for (Thread call : left) {
      for (long millis; call.isAlive() && (millis = millisUntil(deadline)) > 0; ) {
        try {
          call.join(millis);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void close() {
    farewell.run();
    listener.close();
  }

  private static long millisUntil(long deadline) {
    return (deadline - System.nanoTime()) / 1_000_000;
  }

  private void acceptAll() {
    while (true) {
      try {
        UnixConnection connection = listener.accept();
        if (!begin(connection)) {
          connection.close();
        }
      } catch (ErrnoException e) {
        if (e.errno() == Errno.EINVAL) {
          return;
        }
        log.error("clients have to wait: {}", e.getMessage());
        pause();
      } catch (RuntimeException | OutOfMemoryError e) {
        // Who connects and is not accepted would wait for ever.
        log.error("a client is not served", e);
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** False where the client is not served, and finds that out as the connection closes. */
  private synchronized boolean begin(UnixConnection connection) {
    if (over) {
      return false;
    }
    Thread call = thread(() -> serve(connection), "lamina-call-" + ++served);
    try {
      call.start();
    } catch (OutOfMemoryError e) {
      log.error("no thread for a client: {}", e.getMessage());
      return false;
    }
    calls.add(call);
    return true;
  }

  private void serve(UnixConnection connection) {
    Conversation conversation =
        new Conversation(
            reply -> {
              try (connection) {
                connection.write(reply.encode());
              }
            },
            errors);
    try (connection) {
      conversation.enter();
      conversation.end(answer(connection, conversation));
    } catch (IOException e) {
      log.debug("a client has gone: {}", e.getMessage());
    } catch (Throwable e) {
      log.error("a call ends badly", e);
    } finally {
      hasEnded(Thread.currentThread());
    }
  }

  private synchronized void hasEnded(Thread call) {
    calls.remove(call);
    lastChange = System.nanoTime();
    notifyAll();
  }

  private int answer(UnixConnection connection, Conversation conversation) throws IOException {
    UnixConnection.Peer peer = connection.peer();
    int length = ByteBuffer.wrap(connection.read(Integer.BYTES)).getInt();
    if (length < 0 || length > Request.MOST_BYTES) {
      throw new IOException("a request of " + length + " bytes");
    }
    Request request;
    try {
      request = Request.decode(connection.read(length));
    } catch (IllegalArgumentException e) {
      throw new IOException("no request: " + e.getMessage(), e);
    }
    if (!request.build().equals(build)) {
      return declineOtherBuild(request);
    }
    if (!Standing.of(Integer.toString(peer.pid())).equals(standing)) {
      return decline(request, "it has other namespaces, ids or rights than this process");
    }
    return commands.run(request, conversation);
  }

  private int declineOtherBuild(Request request) {
    System.err.println(request.program() + ": the daemon is of another build; served without it");
    // Of the same installation: it was upgraded, and what runs here is gone from the disk.
    if (home(request.build()).equals(home(build))) {
      retire();
      return Reply.ABSENT;
    }
    return Reply.DECLINED;
  }

  private static String home(String build) {
    return build.substring(0, Math.max(0, build.lastIndexOf(' ')));
  }

  private void retire() {
    close();
    synchronized (this) {
      retired = true;
      notifyAll();
    }
  }

  /** Says why there is no daemon for a caller who has asked for one. */
  public static int decline(Request request, String reason) {
    if (request.variables().contains("LAMINA_DAEMON=on")) {
      System.err.println(request.program() + ": served without the daemon: " + reason);
    }
    return Reply.DECLINED;
  }
}
