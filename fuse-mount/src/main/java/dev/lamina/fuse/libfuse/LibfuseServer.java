package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.metrics.Meters;
import dev.lamina.fuse.session.Crew;
import dev.lamina.fuse.session.DeviceReaders;
import dev.lamina.fuse.session.Server;
import dev.lamina.linux.ErrnoException;
import dev.lamina.overlay.InodeFileSystem;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves a mount through libfuse 2. Thread-safe. */
public final class LibfuseServer implements Server {
  private static final Logger log = LoggerFactory.getLogger(LibfuseServer.class);

  /** Most data of one request: FUSE_MAX_PAGES_PER_REQ of protocol 7.19, and libfuse's buffer. */
  public static final int LARGEST_TRANSFER = 128 * 1024;

  /** What libfuse 2.9 speaks, if the kernel does not speak less. */
  private static final int PROTOCOL_MINOR = 19;

  /** C code, whose frames are larger, is below and above ours. */
  private static final long STACK_SIZE = 512 * 1024;

  private static final long FOR_EVER = 1_000_000_000;

  private final Tree tree;
  private final OperationTable operations;
  private final Channel channel;
  private final Meters meters = new Meters();
  private final Crew crew = new Crew(this::end, STACK_SIZE);
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private volatile Worker last;

  private LibfuseServer(int device, InodeFileSystem fileSystem, int maxWrite, boolean flushOnClose)
      throws ErrnoException {
    tree = new Tree(fileSystem);
    operations = new OperationTable(flushOnClose);
    channel = Channel.open(Libfuse.get(), device, options(maxWrite), operations);
  }

  /**
   * What libfuse lets the kernel keep. Names change only through the mount, so for ever. Attributes
   * not at all: several names of one file are several files to the kernel, and libfuse has no way
   * to say that a change by one is a change of all.
   */
  private static String options(int maxWrite) {
    return "use_ino,entry_timeout=%d,negative_timeout=%d,attr_timeout=0,max_write=%d"
        .formatted(FOR_EVER, FOR_EVER, maxWrite);
  }

  /**
   * Serves a connection that has just been mounted.
   *
   * @param device descriptor of the connection; this server's to close, also when this throws
   * @param workers most threads that serve, at least 1
   * @param maxWrite most bytes of data in one WRITE, up to {@link #LARGEST_TRANSFER}
   * @param flushOnClose whether each close(2) of a file asks the filesystem
   */
  public static LibfuseServer start(
      int device, InodeFileSystem fileSystem, int workers, int maxWrite, boolean flushOnClose)
      throws ErrnoException {
    LibfuseServer server = new LibfuseServer(device, fileSystem, maxWrite, flushOnClose);
    try {
      new DeviceReaders(workers, server::startWorker).startFirst();
      return server;
    } finally {
      server.crew.isComplete();
    }
  }

  private void startWorker(DeviceReaders readers) {
    Worker worker = new Worker(channel, tree, readers, meters.add());
    last = worker;
    crew.start(worker);
  }

  private void end() {
    try {
      if (last != null) {
        last.end();
      } else {
        // No thread was ever there: nothing was agreed with the kernel, and nobody is called back.
        channel.close();
      }
      tree.releaseAll();
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
  public int protocolMinor() {
    return Math.min(operations.kernelMinor(), PROTOCOL_MINOR);
  }

  /** Nothing that has a flag there. */
  @Override
  public boolean agreed(long flag) {
    return false;
  }

  @Override
  public boolean ownsCurrentThread() {
    return crew.hasCurrentThread();
  }

  @Override
  public boolean isOverIoUring() {
    return false;
  }
}
