package dev.lamina.fuse.session;

import dev.lamina.fuse.wire.InitFlags;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.fuse.wire.Out;
import dev.lamina.fuse.wire.Reply;
import dev.lamina.fuse.wire.Request;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.NativeMemory;
import dev.lamina.overlay.AttributeListener;
import dev.lamina.overlay.InodeFileSystem;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
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
public final class Session {
  private static final Logger log = LoggerFactory.getLogger(Session.class);

  /** In front of the data: the headers of the largest request, and what alignment costs. */
  private static final int HEADER_ROOM = 4096;

  /** The JVM's default is 1 MiB; the deepest path through here needs a tenth of this. */
  private static final long STACK_SIZE = 256 * 1024;

  private static final AtomicInteger THREAD_NUMBER = new AtomicInteger();

  private final int device;
  private final SessionOptions options;
  private final InodeFileSystem fileSystem;
  private final KernelReferences references;
  private final RequestCounts requests = new RequestCounts();
  private final Notifications notifications;
  private final AtomicInteger workersLeft;
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  private Session(int device, InodeFileSystem fileSystem, SessionOptions options) {
    this.device = device;
    this.options = options;
    this.fileSystem = fileSystem;
    this.references =
        new KernelReferences(fileSystem, options.passthrough(), new BackingFiles(device));
    this.notifications = new Notifications(device);
    this.workersLeft = new AtomicInteger(options.workers());
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
    int started = 0;
    try {
      Protocol protocol = session.negotiate();
      fileSystem.addAttributeListener(session.notifications);
      for (; started < options.workers(); started++) {
        session.startWorker(protocol);
      }
      return session;
    } finally {
      // The workers that did start must not wait for the others.
      for (; started < options.workers(); started++) {
        session.workerEnded();
      }
    }
  }

  private Protocol negotiate() throws ErrnoException {
    // INIT is in the queue before mount(2) returns, so this does not wait for anybody.
    NativeMemory requestMemory = NativeMemory.allocate(bufferSize());
    NativeMemory replyMemory = NativeMemory.allocate(Out.Header.SIZE + Out.Init.SIZE);
    Request request = new Request();
    while (true) {
      request.reset(requestMemory, Fd.read(device, requestMemory, 0, requestMemory.size()));
      if (!request.isWellFormed() || request.opcode() != Opcode.INIT) {
        throw new ErrnoException(Errno.EPROTO, "FUSE connection does not start with INIT");
      }
      Negotiation.Outcome outcome = Negotiation.answer(request, replyMemory, options);
      Fd.write(device, replyMemory, 0, outcome.replyLength());
      if (outcome instanceof Negotiation.Agreed agreed) {
        Protocol protocol = agreed.protocol();
        log.debug("FUSE 7.{}, flags {}", protocol.minor(), Long.toHexString(protocol.flags()));
        if (!protocol.has(InitFlags.PASSTHROUGH)) {
          references.ioModes().turnOff();
        }
        return protocol;
      }
      if (outcome instanceof Negotiation.Refused refused) {
        throw new ErrnoException(Errno.EPROTO, refused.reason());
      }
    }
  }

  private int bufferSize() {
    return options.maxWrite() + HEADER_ROOM;
  }

  private void startWorker(Protocol protocol) throws ErrnoException {
    Dispatcher dispatcher =
        new Dispatcher(fileSystem, references, protocol, notifications, requests, options);
    int clone = Device.cloneOf(device);
    boolean started = false;
    try {
      Worker worker = new Worker(clone, dispatcher, bufferSize(), this::workerEnded);
      Thread thread =
          new Thread(
              null, worker, "lamina-fuse-" + THREAD_NUMBER.incrementAndGet(), STACK_SIZE, false);
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
      started = true;
    } finally {
      if (!started) {
        Fd.close(clone);
      }
    }
  }

  private void workerEnded() {
    if (workersLeft.decrementAndGet() > 0) {
      return;
    }
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

  /** Completes when the connection is over and everything is given back; never exceptionally. */
  public CompletableFuture<Void> ended() {
    return ended;
  }

  /** Requests served so far, by the protocol's name for their kind, such as {@code LOOKUP}. */
  public Map<String, Long> requests() {
    return requests.byName();
  }

  /** Whether the calling thread is one of this session's: it must not wait for {@link #ended}. */
  public boolean ownsCurrentThread() {
    return threads.contains(Thread.currentThread());
  }

  /** Messages to the kernel that answer no request; any thread may send one. */
  private static final class Notifications implements AttributeListener {
    private final int device;
    private final NativeMemory memory =
        NativeMemory.allocate(Out.Header.SIZE + Out.InvalInode.SIZE);
    private final Reply reply = new Reply().reset(memory);

    Notifications(int device) {
      this.device = device;
    }

    @Override
    public synchronized void attributesChanged(long node) {
      try {
        Fd.write(device, memory, 0, reply.invalidateAttributes(node));
      } catch (ErrnoException e) {
        // ENOENT: the kernel does not know the node, so it believes nothing wrong of it.
        if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENODEV) {
          log.error("the kernel refused an invalidation", e);
        }
      }
    }
  }
}
