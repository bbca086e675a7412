package dev.lamina.fuse.libfuse;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.List;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/** One connection in libfuse's hands: its channel, its session and its {@code struct fuse}. */
final class Channel {
  // struct fuse_args of fuse_opt.h: int argc; char **argv; int allocated.
  private static final int ARGS_ARGV = 8;
  private static final int ARGS_SIZE = 24;

  private final LibfuseCalls libfuse;
  private final long channel;
  private final long fuse;
  private final long session;

  private Channel(LibfuseCalls libfuse, long channel, long fuse) {
    this.libfuse = libfuse;
    this.channel = channel;
    this.fuse = fuse;
    this.session = libfuse.fuse_get_session(fuse);
  }

  /**
   * Hands a connection over.
   *
   * @param device its descriptor, closed with the channel and also if this throws
   * @param options of libfuse, as after {@code -o}
   * @throws ErrnoException EINVAL where libfuse will not have it
   */
  static Channel open(Libfuse library, int device, String options, OperationTable operations)
      throws ErrnoException {
    LibfuseCalls libfuse = library.calls;
    long channel = libfuse.fuse_kern_chan_new(device);
    if (channel == 0) {
      Fd.close(device);
      throw new ErrnoException(Errno.ENOMEM, "fuse_kern_chan_new");
    }
    long fuse = create(library, channel, options, operations);
    if (fuse == 0) {
      libfuse.fuse_chan_destroy(channel);
      throw new ErrnoException(Errno.EINVAL, "fuse_new");
    }
    return new Channel(libfuse, channel, fuse);
  }

  private static long create(
      Libfuse library, long channel, String options, OperationTable operations) {
    Runtime runtime = Runtime.getSystemRuntime();
    List<String> words = List.of("lamina", "-o", options);
    List<Pointer> strings = words.stream().map(word -> string(runtime, word)).toList();
    Pointer argv = Memory.allocateDirect(runtime, (words.size() + 1) * Long.BYTES, true);
    for (int i = 0; i < strings.size(); i++) {
      argv.putAddress((long) i * Long.BYTES, strings.get(i).address());
    }
    Pointer args = Memory.allocateDirect(runtime, ARGS_SIZE, true);
    args.putInt(0, words.size());
    args.putAddress(ARGS_ARGV, argv.address());
    try {
      return library.fuseNew.call(channel, args.address(), operations.address(), operations.size());
    } finally {
      library.calls.fuse_opt_free_args(args.address());
      Reference.reachabilityFence(strings);
      Reference.reachabilityFence(argv);
      Reference.reachabilityFence(args);
    }
  }

  private static Pointer string(Runtime runtime, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    Pointer string = Memory.allocateDirect(runtime, bytes.length + 1, true);
    string.put(0, bytes, 0, bytes.length);
    return string;
  }

  LibfuseCalls libfuse() {
    return libfuse;
  }

  /** Of the channel itself, for libfuse. */
  long address() {
    return channel;
  }

  long session() {
    return session;
  }

  /** Bytes of the largest request. */
  long bufferSize() {
    return libfuse.fuse_chan_bufsize(channel);
  }

  /** Once, when nobody uses it any more; closes the connection's descriptor. */
  void close() {
    libfuse.fuse_destroy(fuse);
  }
}
