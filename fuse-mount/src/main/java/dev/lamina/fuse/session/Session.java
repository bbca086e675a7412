package dev.lamina.fuse.session;

import dev.lamina.fuse.metrics.Meters;
import dev.lamina.fuse.wire.InitFlags;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.fuse.wire.Out;
import dev.lamina.fuse.wire.Reply;
import dev.lamina.fuse.wire.Request;
import dev.lamina.linux.Cpus;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.IoUring;
import dev.lamina.linux.NativeMemory;
import dev.lamina.overlay.InodeFileSystem;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the kernel, from INIT until the kernel ends it: serving as soon as {@link
 * #start} returns, over when {@link #ended} completes. It ends only by an unmount or an abort,
 * which are the business of whoever mounted. When it is over, all that the kernel held of the
 * filesystem has been given back to it.
 *
 * <p>Thread-safe.
 */
public final class Session implements Server {
  private static final Logger log = LoggerFactory.getLogger(Session.class);

  /** In front of the data: the headers of the largest request, and what alignment costs. */
  private static final int HEADER_ROOM = 4096;

  private final int device;
  private final SessionOptions options;
  private final InodeFileSystem fileSystem;
  private final KernelReferences references;
  private final Meters meters = new Meters();
  private final Notifications notifications;
  private final Crew crew = new Crew(this::end);
  private Protocol protocol;
  private boolean overIoUring;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  private Session(int device, InodeFileSystem fileSystem, SessionOptions options) {
    this.device = device;
    this.options = options;
    this.fileSystem = fileSystem;
    this.references =
        new KernelReferences(fileSystem, options.passthrough(), new BackingFiles(device));
    this.notifications = new Notifications(device);
  }

  /**
   * Agrees with the kernel on a connection that has just been mounted, and serves it.
   *
   * @param device descriptor of the connection; the session's to close, also when this throws
   * @throws ErrnoException EPROTO if the kernel's protocol is too old
   */
  public static Session start(int device, InodeFileSystem fileSystem, SessionOptions options)
      throws ErrnoException {
    Session session = new Session(device, fileSystem, options);
    try {
      session.serve();
      return session;
    } finally {
      // The workers that did start must not wait for the others.
      session.crew.isComplete();
    }
  }

  private void serve() throws ErrnoException {
    IoUring ring = options.ioUring() ? openRing() : null;
    try {
      protocol = negotiate(ring != null);
    } catch (ErrnoException e) {
      closeUnused(ring);
      throw e;
    }
    fileSystem.addAttributeListener(notifications);
    if (protocol.has(InitFlags.OVER_IO_URING)) {
      overIoUring = startAcceptor(ring);
    } else {
      closeUnused(ring);
    }
    // FORGET and INTERRUPT come through the device in any case.
    DeviceReaders readers =
        new DeviceReaders(overIoUring ? 1 : options.workers(), this::startWorker);
    readers.startFirst();
  }

  /** Before INIT, where it is still time to do without; null where there is none to be had. */
  private static IoUring openRing() {
    try {
      return Cpus.possible() == 0 ? null : IoUring.create();
    } catch (ErrnoException e) {
      log.debug("no io_uring", e);
      return null;
    }
  }

  private static void closeUnused(IoUring ring) {
    if (ring != null) {
      ring.close();
    }
  }

  private boolean startAcceptor(IoUring ring) {
    RingAcceptor acceptor =
        new RingAcceptor(ring, Cpus.possible(), device, options.maxWrite(), this::dispatcher, crew);
    crew.start(acceptor);
    return acceptor.awaitRegistration();
  }

  private Protocol negotiate(boolean overIoUring) throws ErrnoException {
    // INIT is in the queue before mount(2) returns, so this does not wait for anybody.
    NativeMemory requestMemory = NativeMemory.allocatePageAligned(bufferSize());
    NativeMemory replyMemory = NativeMemory.allocate(Out.Header.SIZE + Out.Init.SIZE);
    Request request = new Request();
    Reply reply = new Reply().reset(replyMemory);
    while (true) {
      request.reset(requestMemory, Fd.read(device, requestMemory, 0, requestMemory.size()));
      if (!request.isWellFormed() || request.opcode() != Opcode.INIT) {
        throw new ErrnoException(Errno.EPROTO, "FUSE connection does not start with INIT");
      }
      Negotiation.Outcome outcome = Negotiation.answer(request, reply, options, overIoUring);
      Fd.write(device, replyMemory, 0, reply.length());
      if (outcome instanceof Negotiation.Agreed agreed) {
        Protocol agreement = agreed.protocol();
        log.debug("FUSE 7.{}, flags {}", agreement.minor(), Long.toHexString(agreement.flags()));
        if (!agreement.has(InitFlags.PASSTHROUGH)) {
          references.ioModes().turnOff();
        }
        return agreement;
      }
      if (outcome instanceof Negotiation.Refused refused) {
        throw new ErrnoException(Errno.EPROTO, refused.reason());
      }
    }
  }

  private int bufferSize() {
    return options.maxWrite() + HEADER_ROOM;
  }

  private void startWorker(DeviceReaders readers) throws ErrnoException {
    int clone = Device.cloneOf(device);
    boolean started = false;
    try {
      crew.start(new Worker(clone, dispatcher(), readers, bufferSize()));
      started = true;
    } finally {
      if (!started) {
        Fd.close(clone);
      }
    }
  }

  private Dispatcher dispatcher() {
    return new Dispatcher(fileSystem, references, protocol, notifications, meters.add(), options);
  }

  private void end() {
    fileSystem.removeAttributeListener(notifications);
    // The last descriptor: the kernel ends the connection now if it had not.
    Fd.close(device);
    try {
      references.releaseAll();
    } catch (RuntimeException e) {
      log.error("giving back nodes and handles failed", e);
    } finally {
      ended.complete(null);
    }
  }

  @Override
  public CompletableFuture<Void> ended() {
    return ended;
  }

  @Override
  public Meters meters() {
    return meters;
  }

  @Override
  public boolean ownsCurrentThread() {
    return crew.hasCurrentThread();
  }

  @Override
  public int protocolMinor() {
    return protocol.minor();
  }

  @Override
  public boolean agreed(long flag) {
    return protocol.has(flag);
  }

  @Override
  public boolean isOverIoUring() {
    return overIoUring;
  }
}
