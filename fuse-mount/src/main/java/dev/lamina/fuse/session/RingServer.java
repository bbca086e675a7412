package dev.lamina.fuse.session;

import dev.lamina.linux.Cpus;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Identity;
import dev.lamina.linux.IoUring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves requests of one CPU on that CPU: one thread, one ring, one entry. While it works on a
 * request the kernel gives it no other, so nobody waits behind a long one.
 */
final class RingServer implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(RingServer.class);

  /** Requests after which it returns to its CPU, which may have been offline in between. */
  private static final int PIN_AGAIN = 4096;

  private final IoUring ring;
  private final RingEntry entry;
  private final int device;
  private final Dispatcher dispatcher;

  /**
   * Makes one.
   *
   * @param ring a fresh one, closed at the end
   * @param entry holds a request
   */
  RingServer(IoUring ring, RingEntry entry, int device, Dispatcher dispatcher) {
    this.ring = ring;
    this.entry = entry;
    this.device = device;
    this.dispatcher = dispatcher;
  }

  @Override
  public void run() {
    try (ring) {
      ring.enable();
      adopt();
      for (int served = 0; ; served++) {
        if (served % PIN_AGAIN == 0) {
          pin();
        }
        entry.serve(dispatcher, ring, device, 0);
        ring.submitAndWait();
        if (ring.next() && ring.result() < 0) {
          logUnlessOver(-ring.result());
          return;
        }
      }
    } catch (ErrnoException e) {
      log.error("a server of CPU {} gives up", entry.queue(), e);
    }
  }

  private void adopt() {
    try {
      Identity.adoptThread();
    } catch (ErrnoException e) {
      // It holds a request, which must be answered.
      log.error("requests of CPU {} are served as this process alone", entry.queue(), e);
    }
  }

  private void pin() {
    try {
      Cpus.pinThread(entry.queue());
    } catch (ErrnoException e) {
      log.debug("requests of CPU {} are served elsewhere", entry.queue(), e);
    }
  }

  /** For the errno that ended an entry. */
  static void logUnlessOver(int errno) {
    // ENOTCONN: unmounted or aborted; the others when that came between two steps of a command.
    if (errno != Errno.ENOTCONN
        && errno != Errno.ECONNABORTED
        && errno != Errno.ENODEV
        && errno != Errno.ENOENT
        && errno != Errno.ECANCELED) {
      log.error("the kernel ends an entry: {}", Errno.describe(errno));
    }
  }
}
