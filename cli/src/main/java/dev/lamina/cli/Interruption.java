package dev.lamina.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/**
 * Ctrl-C, SIGTERM and SIGHUP: the thread that runs the command is interrupted and gets time to take
 * back what it began or to unmount; then the JVM ends with 128 and the signal's number.
 */
final class Interruption {
  /** Longer than an unmount with busy users, or the removal of a half-unpacked image, takes. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static volatile boolean requested;

  private Interruption() {}

  /** Whether this process was told to end. What fails from then on fails because of it. */
  static boolean isRequested() {
    return requested;
  }

  /** Runs {@code command} on this thread, to be interrupted when the process is told to end. */
  static int guard(IntSupplier command) {
    Thread runner = Thread.currentThread();
    CountDownLatch ended = new CountDownLatch(1);
    Thread hook =
        new Thread(
            () -> {
              requested = true;
              runner.interrupt();
              awaitQuietly(ended);
            },
            "lamina-interrupt");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      // It was told to end before it began.
      awaitTheEnd();
    }
    int status;
    try {
      status = command.getAsInt();
    } finally {
      ended.countDown();
    }
    if (requested) {
      awaitTheEnd();
    }
    return status;
  }

  /**
   * Leaves the end of the JVM to the thread that the signal began it with. In JDK 17 (no more in
   * 25), whoever calls {@link System#exit} with a failure after the last hook and before that
   * thread has halted the JVM overtakes it, and the signal's status is lost.
   */
  private static void awaitTheEnd() {
    while (true) {
      LockSupport.park();
      Thread.interrupted();
    }
  }

  private static void awaitQuietly(CountDownLatch ended) {
    try {
      if (!ended.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        System.err.println("lamina: ended before everything was put away");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
