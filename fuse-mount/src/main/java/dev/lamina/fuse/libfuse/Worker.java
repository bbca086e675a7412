package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.metrics.Meter;
import dev.lamina.fuse.session.DeviceReaders;
import dev.lamina.fuse.wire.In;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Identity;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives requests on one thread and has libfuse serve each, which calls back on that thread. One
 * worker's calls and memory are nobody else's.
 */
final class Worker implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  private static final ThreadLocal<Worker> OF_THREAD = new ThreadLocal<>();

  /** What a callback does. */
  interface Operation {
    /** A count or 0, as libfuse wants it. */
    int run(Worker worker) throws ErrnoException;
  }

  private final LibfuseCalls libfuse;
  private final Channel channel;
  private final DeviceReaders readers;
  private final Meter meter;
  private final Call call;
  private final Pointer buffer;

  /** Holds the channel's address: libfuse wants that by address. */
  private final Pointer channelCell = Memory.allocateDirect(Runtime.getSystemRuntime(), Long.BYTES);

  final NodeCalls nodes;
  final NameCalls names;
  final FileCalls files;
  final DirectoryCalls directories;
  final XattrCalls xattrs;

  Worker(Channel channel, Tree tree, DeviceReaders readers, Meter meter) {
    this.libfuse = channel.libfuse();
    this.channel = channel;
    this.readers = readers;
    this.meter = meter;
    this.call = new Call(tree, libfuse, meter);
    this.buffer =
        Memory.allocateDirect(Runtime.getSystemRuntime(), Math.toIntExact(channel.bufferSize()));
    nodes = new NodeCalls(call);
    names = new NameCalls(call);
    files = new FileCalls(call);
    directories = new DirectoryCalls(call);
    xattrs = new XattrCalls(call);
  }

  @Override
  public void run() {
    OF_THREAD.set(this);
    try {
      Identity.adoptThread();
      for (int length; (length = receive()) > 0; readers.waits()) {
        readers.takes();
        serve(length);
      }
    } catch (ErrnoException e) {
      log.error("a worker gives up", e);
    } finally {
      call.drop();
    }
  }

  private void serve(int length) {
    // All that is looked at of the protocol: what libfuse is about to do, and its number for what.
    int opcode = buffer.getInt(In.Header.OPCODE);
    meter.begin(opcode, buffer.getLong(In.Header.NODEID));
    call.begin(opcode);
    libfuse.fuse_session_process(channel.session(), buffer.address(), length, channel.address());
    meter.end(call.errno());
  }

  /** Bytes of the next request, or 0 at the end of the connection. */
  private int receive() throws ErrnoException {
    while (true) {
      channelCell.putLong(0, channel.address());
      int length = libfuse.fuse_chan_recv(channelCell.address(), buffer.address(), buffer.size());
      if (length >= 0) {
        return length;
      }
      switch (-length) {
        case Errno.EINTR, Errno.EAGAIN -> {}
        // Aborted.
        case Errno.ECONNABORTED, Errno.ENODEV -> {
          return 0;
        }
        default -> throw new ErrnoException(-length, "receiving a request");
      }
    }
  }

  /**
   * Runs one callback on the calling worker.
   *
   * @return its result, or a negated errno: EIO for what is a bug, which is logged
   */
  static int answer(Operation operation) {
    Worker worker = OF_THREAD.get();
    try {
      int result = operation.run(worker);
      worker.call.succeeded();
      return result;
    } catch (ErrnoException e) {
      worker.call.failed(e.errno());
      return -e.errno();
    } catch (Throwable e) {
      log.error("{} failed", worker.call.requestName(), e);
      worker.call.failed(Errno.EIO);
      return -Errno.EIO;
    }
  }

  /**
   * Ends the library's part, after the last worker: it may call back, to remove files that it
   * believes to have hidden.
   */
  void end() {
    call.begin(Opcode.DESTROY);
    OF_THREAD.set(this);
    channel.close();
    call.drop();
    OF_THREAD.remove();
  }
}
