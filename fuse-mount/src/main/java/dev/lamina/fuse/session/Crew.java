package dev.lamina.fuse.session;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads that serve one session; when the last has ended, so has the session. Thread-safe. */
public final class Crew {
  /** The JVM's default is 1 MiB; the deepest path through here needs a tenth of this. */
  private static final long STACK_SIZE = 256 * 1024;

  private static final AtomicInteger THREAD_NUMBER = new AtomicInteger();

  private final Runnable whenAllHaveEnded;
  private final Set<Thread> members = ConcurrentHashMap.newKeySet();

  /** Members, and one for whoever may still start the first of them. */
  private final AtomicInteger left = new AtomicInteger(1);

  private final long stackSize;

  Crew(Runnable whenAllHaveEnded) {
    this(whenAllHaveEnded, STACK_SIZE);
  }

  /** {@code stackSize}: bytes of the stack of each. */
  public Crew(Runnable whenAllHaveEnded, long stackSize) {
    this.whenAllHaveEnded = whenAllHaveEnded;
    this.stackSize = stackSize;
  }

  /**
   * Runs {@code task} on a thread of its own; called by a member, or before {@link #isComplete}.
   *
   * @throws OutOfMemoryError where there are too many threads; the task will not run
   */
  public void start(Runnable task) {
    Thread thread =
        new Thread(
            null,
            () -> run(task),
            "lamina-fuse-" + THREAD_NUMBER.incrementAndGet(),
            stackSize,
            // By what they inherit, a server of many mounts knows whose messages a thread logs.
            true);
    thread.setDaemon(true);
    left.incrementAndGet();
    boolean started = false;
    try {
      thread.start();
      started = true;
    } finally {
      if (!started) {
        oneLess();
      }
    }
  }

  private void run(Runnable task) {
    members.add(Thread.currentThread());
    try {
      task.run();
    } finally {
      members.remove(Thread.currentThread());
      oneLess();
    }
  }

  /** From now on only members start others, and none left means the end. */
  public void isComplete() {
    oneLess();
  }

  private void oneLess() {
    if (left.decrementAndGet() == 0) {
      whenAllHaveEnded.run();
    }
  }

  /** Whether the calling thread is a member. */
  public boolean hasCurrentThread() {
    return members.contains(Thread.currentThread());
  }
}
