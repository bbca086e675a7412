package dev.lamina.overlay.data;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.ThreadPriority;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Completes partial files while nobody writes them, in one thread that ends when there is nothing
 * left to do. A file that is in use again is left alone between two pieces.
 */
public final class BackgroundCopier {
  /** Work that may fail. */
  @FunctionalInterface
  public interface Task {
    void run() throws ErrnoException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(BackgroundCopier.class);

  /** How long nobody wrote a file before it is copied. */
  private static final long QUIET = TimeUnit.SECONDS.toNanos(1);

  /** How often it is looked for quiet files. */
  private static final long LOOK_MILLIS = 250;

  /** How long after a failure, such as a full disk, it is tried again. */
  private static final long RETRY_MILLIS = 10_000;

  private static final long STOP_MILLIS = 60_000;

  private final PartialFiles files;

  @GuardedBy("this")
  private Thread thread;

  @GuardedBy("this")
  private Task first;

  @GuardedBy("this")
  private boolean begun;

  private final CountDownLatch stopping = new CountDownLatch(1);
  private boolean failureTold;

  BackgroundCopier(PartialFiles files) {
    this.files = files;
  }

  synchronized void begin(Task task) {
    begun = true;
    first = task;
    if (task != null || !files.outstanding().isEmpty()) {
      wake();
    }
  }

  /** There is something to do. */
  synchronized void wake() {
    if (thread == null && begun && !isStopped()) {
      thread = new Thread(this::work, "lamina-promotion");
      thread.setDaemon(true);
      thread.start();
    }
  }

  /** Waits for the piece that is being copied; nothing more is copied. */
  void stop() {
    Thread running;
    synchronized (this) {
      stopping.countDown();
      running = thread;
    }
    if (running != null) {
      try {
        running.join(STOP_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean isStopped() {
    return stopping.getCount() == 0;
  }

  private void work() {
    ThreadPriority.makeIoIdle();
    Task task;
    synchronized (this) {
      task = first;
      first = null;
    }
    try {
      if (task != null) {
        task.run();
      }
    } catch (ErrnoException e) {
      LOG.warn("interrupted promotions wait until their files are used: {}", e.getMessage());
    }
    long pause = LOOK_MILLIS;
    while (pause(pause)) {
      files.dropAbandoned();
      pause = copyQuiet() ? LOOK_MILLIS : RETRY_MILLIS;
    }
  }

  /** Waits; false where the thread is to end. */
  private boolean pause(long millis) {
    boolean stop = false;
    if (!files.outstanding().isEmpty()) {
      try {
        stop = stopping.await(millis, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        stop = true;
      }
    }
    synchronized (this) {
      if (stop || files.outstanding().isEmpty()) {
        thread = null;
        return false;
      }
    }
    return true;
  }

  /** Copies files that are quiet; false where one failed. */
  private boolean copyQuiet() {
    boolean fine = true;
    for (PartialFile file : files.outstanding()) {
      try {
        if (isQuiet(file)) {
          copy(file);
        }
      } catch (ErrnoException e) {
        fine = false;
        if (!failureTold) {
          failureTold = true;
          LOG.warn("a promotion goes on later: {}", e.getMessage());
        }
      }
    }
    return fine;
  }

  private boolean isQuiet(PartialFile file) {
    return !isStopped() && file.changers.get() == 0 && System.nanoTime() - file.lastChange > QUIET;
  }

  private void copy(PartialFile file) throws ErrnoException {
    if (!file.hold()) {
      return;
    }
    try {
      if (file.durable) {
        // What was written is quiet too: it need not wait for the end to be safe.
        files.sync(file, file.upper, true);
      }
      ChunkCopy copy = new ChunkCopy(file);
      while (isQuiet(file)) {
        if (!files.copyNext(copy)) {
          files.finish(file);
          return;
        }
      }
    } finally {
      file.letGo();
    }
  }
}
