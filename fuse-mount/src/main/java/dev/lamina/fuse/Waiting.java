package dev.lamina.fuse;

import dev.lamina.fuse.session.Server;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Bounded waits that an interrupt does not cut short: half an unmount is of no use. The interrupt
 * is kept for the caller.
 */
final class Waiting {
  private Waiting() {}

  private interface Wait {
    void upTo(long millis) throws InterruptedException;
  }

  /** Whether the server ended in time. */
  static boolean forEnd(Server server, Deadline deadline) {
    uninterrupted(
        deadline,
        millis -> {
          try {
            server.ended().get(millis, TimeUnit.MILLISECONDS);
          } catch (TimeoutException e) {
            // The caller looks at the server itself.
          } catch (ExecutionException e) {
            throw new AssertionError(e);
          }
        });
    return server.ended().isDone();
  }

  static void forThread(Thread thread, Deadline deadline) {
    uninterrupted(deadline, thread::join);
  }

  static void pause(Duration duration) {
    uninterrupted(new Deadline(duration), Thread::sleep);
  }

  private static void uninterrupted(Deadline deadline, Wait wait) {
    boolean interrupted = false;
    while (true) {
      long millis = deadline.remainingMillis();
      if (millis == 0) {
        break;
      }
      try {
        wait.upTo(millis);
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
