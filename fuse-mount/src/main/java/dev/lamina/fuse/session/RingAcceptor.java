package dev.lamina.fuse.session;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Identity;
import dev.lamina.linux.IoUring;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the requests for which a queue has no {@link RingServer} free, and starts one for them.
 *
 * <p>The kernel wants an entry in the queue of every CPU that could exist before it uses any. All
 * of them are first kept here, on one ring and one thread, so that a mount costs a thread per CPU
 * only where requests come from. A request that arrives here goes, with its entry, to a new server,
 * which keeps both. As the kernel prefers the entry that was used last, the ones here are used only
 * while all servers of their CPU are busy: with a copy-up, say. So a queue has as many servers as
 * it ever had requests under way at a time, up to a limit, and a short request never changes
 * threads once they are there.
 *
 * <p>All entries are registered at the start, since one that is registered later does not get what
 * is queued already: a request would wait for the next one of its CPU to come.
 */
final class RingAcceptor implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(RingAcceptor.class);

  /** One more than the long requests of one CPU that hold up no others. */
  static final int SERVERS_PER_QUEUE = 8;

  private final IoUring ring;
  private final int device;
  private final Supplier<Dispatcher> dispatchers;
  private final Crew crew;
  private final CompletableFuture<Boolean> registered = new CompletableFuture<>();

  /** By the number that their commands carry; null when a server has them. */
  private final RingEntry[] entries;

  /** Entries here: without any, nothing more can come, not even the end. */
  private int waiting;

  /** For what no server can be started for. */
  private final Dispatcher dispatcher;

  /** The errno that ended an entry. */
  private int failure;

  /**
   * Makes one.
   *
   * @param ring a fresh one, closed at the end
   * @param queues number of CPUs that could exist
   */
  RingAcceptor(
      IoUring ring,
      int queues,
      int device,
      int maxWrite,
      Supplier<Dispatcher> dispatchers,
      Crew crew) {
    this.ring = ring;
    this.device = device;
    this.dispatchers = dispatchers;
    this.crew = crew;
    this.entries = new RingEntry[queues * SERVERS_PER_QUEUE];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = new RingEntry(i % queues, maxWrite);
    }
    this.waiting = entries.length;
    this.dispatcher = dispatchers.get();
  }

  /** Waits until the kernel has all queues; false if it refused, and the ring is of no use. */
  boolean awaitRegistration() {
    return registered.join();
  }

  @Override
  public void run() {
    try (ring) {
      ring.enable();
      Identity.adoptThread();
      for (int i = 0; i < entries.length; i++) {
        entries[i].register(ring, device, i);
      }
      ring.submit();
      if (!acceptAll()) {
        log.warn("no FUSE over io_uring: {}", Errno.describe(failure));
        return;
      }
      registered.complete(true);
      while (waiting > 0) {
        ring.submitAndWait();
        if (!acceptAll()) {
          RingServer.logUnlessOver(failure);
          return;
        }
      }
    } catch (ErrnoException e) {
      log.error("FUSE over io_uring: {}", e.getMessage());
    } finally {
      registered.complete(false);
    }
  }

  /** Passes on all that has arrived; false at the first failure. */
  private boolean acceptAll() throws ErrnoException {
    while (ring.next()) {
      if (ring.result() < 0) {
        failure = -ring.result();
        return false;
      }
      int number = (int) ring.userData();
      if (startServer(entries[number])) {
        entries[number] = null;
        waiting--;
      } else {
        entries[number].serve(dispatcher, ring, device, number);
      }
    }
    return true;
  }

  private boolean startServer(RingEntry entry) {
    IoUring serversRing = null;
    try {
      serversRing = IoUring.create();
      crew.start(new RingServer(serversRing, entry, device, dispatchers.get()));
      return true;
    } catch (ErrnoException | OutOfMemoryError e) {
      log.warn("no more servers for CPU {}: {}", entry.queue(), e.getMessage());
      if (serversRing != null) {
        serversRing.close();
      }
      return false;
    }
  }
}
