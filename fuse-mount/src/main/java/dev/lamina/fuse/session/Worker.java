package dev.lamina.fuse.session;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Identity;
import dev.lamina.linux.NativeMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries requests over {@code /dev/fuse} on one thread: read, dispatch, write, with its own
 * descriptor, buffers and dispatcher, so that nothing is shared with another worker on the way.
 */
final class Worker implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  private final int device;
  private final Dispatcher dispatcher;
  private final NativeMemory request;
  private final NativeMemory reply;
  private final Runnable atEnd;

  /**
   * Makes one worker.
   *
   * @param device a descriptor of the connection, closed when the worker ends
   * @param bufferSize bytes of the largest request or reply
   * @param atEnd runs last, on the worker's thread, however it ends
   */
  Worker(int device, Dispatcher dispatcher, int bufferSize, Runnable atEnd) {
    this.device = device;
    this.dispatcher = dispatcher;
    this.request = NativeMemory.allocatePageAligned(bufferSize);
    this.reply = NativeMemory.allocatePageAligned(bufferSize);
    this.atEnd = atEnd;
  }

  @Override
  public void run() {
    try {
      Identity.adoptThread();
      for (int length; (length = receive()) > 0; ) {
        int replyLength = dispatcher.dispatch(request, length, reply);
        if (replyLength > 0) {
          send(replyLength);
        }
      }
    } catch (ErrnoException e) {
      log.error("a worker gives up", e);
    } finally {
      Fd.close(device);
      atEnd.run();
    }
  }

  /** Bytes of the next request, or 0 at the end of the connection. */
  private int receive() throws ErrnoException {
    while (true) {
      try {
        return Fd.read(device, request, 0, request.size());
      } catch (ErrnoException e) {
        switch (e.errno()) {
          // ENOENT: the request was interrupted before it got here. Both others: try again.
          case Errno.ENOENT, Errno.EINTR, Errno.EAGAIN -> {}
          // Unmounted, or aborted.
          case Errno.ENODEV, Errno.ECONNABORTED -> {
            return 0;
          }
          default -> throw e;
        }
      }
    }
  }

  private void send(int length) {
    try {
      Fd.write(device, reply, 0, length);
    } catch (ErrnoException e) {
      dispatcher.undoLast(length);
      // ENOENT: nobody waits for this one any longer. ENODEV: the connection has ended, which the
      // next read says as well.
      if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENODEV) {
        log.error("the kernel refused a reply of {} bytes", length, e);
      }
    }
  }
}
