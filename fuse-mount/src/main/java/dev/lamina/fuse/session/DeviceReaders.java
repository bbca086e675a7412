package dev.lamina.fuse.session;

import dev.lamina.linux.ErrnoException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many workers read from the device: one at first, and one more whenever a request is taken
 * that leaves nobody waiting for the next, up to a limit. So an idle mount costs one thread, and
 * one in use as many as it ever had requests under way at a time, and one. Thread-safe.
 */
public final class DeviceReaders {
  private static final Logger log = LoggerFactory.getLogger(DeviceReaders.class);

  /** Starts a worker, which belongs to {@code readers}. */
  public interface Starter {
    /** Returns once the worker's thread has been started. */
    void start(DeviceReaders readers) throws ErrnoException;
  }

  private final int limit;
  private final Starter starter;
  private final AtomicInteger started = new AtomicInteger();

  /** Those that wait for a request, or will as soon as their thread runs. */
  private final AtomicInteger waiting = new AtomicInteger();

  /** At most {@code limit} workers, each started by {@code starter}. */
  public DeviceReaders(int limit, Starter starter) {
    this.limit = limit;
    this.starter = starter;
  }

  /** Before anybody waits. */
  public void startFirst() throws ErrnoException {
    started.incrementAndGet();
    waiting.incrementAndGet();
    starter.start(this);
  }

  /** The calling worker has a request to serve. */
  public void takes() {
    if (waiting.decrementAndGet() == 0 && started.get() < limit) {
      startAnother();
    }
  }

  /** The calling worker goes back to wait. */
  public void waits() {
    waiting.incrementAndGet();
  }

  private void startAnother() {
    if (started.incrementAndGet() > limit) {
      started.decrementAndGet();
      return;
    }
    waiting.incrementAndGet();
    try {
      starter.start(this);
    } catch (ErrnoException | OutOfMemoryError e) {
      // Those that are there serve all the same.
      waiting.decrementAndGet();
      started.decrementAndGet();
      log.debug("no more workers than {}: {}", started.get(), e.getMessage());
    }
  }
}
