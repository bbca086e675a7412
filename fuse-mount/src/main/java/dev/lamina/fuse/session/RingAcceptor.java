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
 * which keeps both; a fresh entry takes the place. As the kernel prefers the entry that was used
 * last, the one here is used only while all servers of its CPU are busy: with a copy-up, say. So a
 * queue has as many servers as it ever had requests under way at a time, up to a limit, and a short
 * request never changes threads once they are there.
 */
final class RingAcceptor implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(RingAcceptor.class);

  /** Long requests of one CPU that leave room for others. */
  static final int SERVERS_PER_QUEUE = Integer.getInteger("ring.servers", 16);

  private final IoUring ring;
  private final int device;
  private final int maxWrite;
  private final Supplier<Dispatcher> dispatchers;
  private final Crew crew;
  private final CompletableFuture<Boolean> registered = new CompletableFuture<>();

  /** By queue: the entry that waits here, if below the limit; and how many servers there are. */
  private final RingEntry[] entries;

  private final int[] servers;

  /** Entries here: without any, nothing more can come, not even the end. */
  private int waiting;

  /** For what no server can be started for. */
  private final Dispatcher dispatcher;

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
    this.maxWrite = maxWrite;
    this.dispatchers = dispatchers;
    this.crew = crew;
    this.entries = new RingEntry[queues];
    this.servers = new int[queues];
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
      if (!register()) {
        return;
      }
      registered.complete(true);
      while (accept() && waiting > 0) {
        ring.submitAndWait();
      }
    } catch (ErrnoException e) {
      log.error("FUSE over io_uring: {}", e.getMessage());
    } finally {
      registered.complete(false);
    }
  }

  private boolean register() throws ErrnoException {
    for (int queue = 0; queue < entries.length; queue++) {
      register(queue);
    }
    ring.submit();
    // What completes now was refused: a request would come only when it is waited for.
    if (ring.next()) {
      log.warn("no FUSE over io_uring: {}", Errno.describe(-ring.result()));
      return false;
    }
    return true;
  }

  private void register(int queue) throws ErrnoException {
    entries[queue] = new RingEntry(queue, maxWrite);
    entries[queue].register(ring, device);
    waiting++;
  }

  /** Passes on all that has arrived; false when the connection is over. */
  private boolean accept() throws ErrnoException {
    while (ring.next()) {
      if (RingServer.isEnd(ring.result())) {
        return false;
      }
      int queue = (int) ring.userData();
      if (startServer(queue)) {
        waiting--;
        servers[queue]++;
        if (servers[queue] < SERVERS_PER_QUEUE) {
          register(queue);
        }
      } else {
        entries[queue].serve(dispatcher, ring, device);
      }
    }
    return true;
  }

  private boolean startServer(int queue) {
    IoUring serversRing = null;
    try {
      serversRing = IoUring.create();
      crew.start(new RingServer(serversRing, entries[queue], device, dispatchers.get()));
      return true;
    } catch (ErrnoException | OutOfMemoryError e) {
      log.warn("no more servers for CPU {}: {}", queue, e.getMessage());
      if (serversRing != null) {
        serversRing.close();
      }
      return false;
    }
  }
}
