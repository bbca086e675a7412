package dev.lamina.fuse.session;

import dev.lamina.fuse.wire.Reply;
import dev.lamina.fuse.wire.Request;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Identity;
import dev.lamina.linux.NativeMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries requests over {@code /dev/fuse} on one thread: read, dispatch, write, with its own
 * descriptor, buffers and dispatcher, so that nothing is shared with another worker on the way but
 * the count of those that wait.
 */
final class Worker implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  private final int device;
  private final Dispatcher dispatcher;
  private final DeviceReaders readers;
  private final NativeMemory requestMemory;
  private final NativeMemory replyMemory;
  private final Request request = new Request();
  private final Reply reply;

  /**
   * Makes one worker.
   *
   * @param device a descriptor of the connection, closed when the worker ends
   * @param readers hears of each request that is taken and done
   * @param bufferSize bytes of the largest request or reply
   */
  Worker(int device, Dispatcher dispatcher, DeviceReaders readers, int bufferSize) {
    this.device = device;
    this.dispatcher = dispatcher;
    this.readers = readers;
    this.requestMemory = NativeMemory.allocatePageAligned(bufferSize);
    this.replyMemory = NativeMemory.allocatePageAligned(bufferSize);
    this.reply = new Reply().reset(replyMemory);
  }

  @Override
  public void run() {
    try {
      Identity.adoptThread();
      for (int length; (length = receive()) > 0; readers.waits()) {
        readers.takes();
        if (dispatcher.dispatch(request.reset(requestMemory, length), reply)) {
          send();
        }
      }
    } catch (ErrnoException e) {
      log.error("a worker gives up", e);
    } finally {
      Fd.close(device);
    }
  }

  /** Bytes of the next request, or 0 at the end of the connection. */
  private int receive() throws ErrnoException {
    while (true) {
      try {
        return Fd.read(device, requestMemory, 0, requestMemory.size());
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

  private void send() {
    try {
      Fd.write(device, replyMemory, 0, reply.length());
    } catch (ErrnoException e) {
      dispatcher.undoLast();
      // ENOENT: nobody waits for this one any longer. ENODEV: the connection has ended, which the
      // next read says as well.
      if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENODEV) {
        log.error("the kernel refused a reply of {} bytes", reply.length(), e);
      }
    }
  }
}
