package dev.lamina.overlay.data;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.linux.Cpus;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Identity;
import dev.lamina.linux.ThreadPriority;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Completes partial files while nobody writes them, in one thread that ends when there is nothing
 * left to do, and not because something failed. A file that is in use again is left alone between
 * two pieces.
 */
public final class BackgroundCopier {
  /** Work that may fail. */
  @FunctionalInterface
  public interface Task {
    /** Does it. */
    void run() throws ErrnoException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(BackgroundCopier.class);

  /** How often it is looked for quiet files, while one becomes quiet. */
  private static final int LOOKS = 4;

  /** How many times as long it takes after a failure, such as a full disk, to try again. */
  private static final int PATIENCE = 10;

  private static final long STOP_MILLIS = 60_000;

  private final PartialFiles files;
  private final Completion completion;

  /** How long nobody wrote a file before it is copied, in nanoseconds. */
  private final long quiet;

  @GuardedBy("this")
  private Thread thread;

  @GuardedBy("this")
  private Task first;

  @GuardedBy("this")
  private boolean begun;

  private final CountDownLatch stopping = new CountDownLatch(1);
  private boolean failureTold;

  /**
   * A copier that does nothing before {@link #begin}.
   *
   * @param quiet how long nobody wrote a file before it is copied
   */
  BackgroundCopier(PartialFiles files, Completion completion, Duration quiet) {
    this.files = files;
    this.completion = completion;
    this.quiet = quiet.toNanos();
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
    settle();
    Task task;
    synchronized (this) {
      task = first;
      first = null;
    }
    try {
      if (task != null) {
        task.run();
      }
    } catch (ErrnoException | RuntimeException e) {
      LOG.warn("interrupted promotions wait until their files are used: {}", e.getMessage());
    }
    long pause = quiet / LOOKS;
    while (pause(pause)) {
      files.dropAbandoned();
      pause = copyQuiet() ? quiet / LOOKS : quiet * PATIENCE;
      files.tell();
    }
  }

  /** Leaves what this inherits of the server thread that had something to do for it. */
  private static void settle() {
    ThreadPriority.makeIoIdle();
    try {
      // Who wrote the file may have no right to what is below, and is not to pay for it.
      Identity.adoptThread();
      Cpus.unpinThread();
    } catch (ErrnoException e) {
      LOG.warn("files are brought up by a thread like its writer's: {}", e.getMessage());
    }
  }

  /** Waits; false where the thread is to end. */
  private boolean pause(long nanos) {
    boolean stop = false;
    if (!files.outstanding().isEmpty()) {
      try {
        stop = stopping.await(nanos, TimeUnit.NANOSECONDS);
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
      } catch (ErrnoException | RuntimeException | OutOfMemoryError e) {
        fine = false;
        files.failed(file, e instanceof ErrnoException known ? known.errno() : Errno.ENOMEM);
        if (!failureTold) {
          failureTold = true;
          LOG.warn("a promotion goes on later: {}", e.getMessage());
        }
      }
    }
    return fine;
  }

  private boolean isQuiet(PartialFile file) {
    return !isStopped() && file.changers.get() == 0 && System.nanoTime() - file.lastChange > quiet;
  }

  private void copy(PartialFile file) throws ErrnoException {
    if (!file.hold()) {
      return;
    }
    try {
      if (file.durable) {
        // What was written is quiet too: it need not wait for the end to be safe.
        files.sync(file, file.content.upper, true);
      }
      ChunkCopy copy = new ChunkCopy(file);
      while (isQuiet(file)) {
        if (!completion.copyNext(copy)) {
          completion.settle(file);
          files.completed(file);
          return;
        }
      }
    } finally {
      file.letGo();
    }
  }
}
