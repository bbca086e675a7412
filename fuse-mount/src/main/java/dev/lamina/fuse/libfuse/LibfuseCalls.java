package dev.lamina.fuse.libfuse;

import ru.serce.jnrfuse.LibFuse;

/**
 * What is called of libfuse 2.9 and jnr-fuse does not bind; names, arguments and results are those
 * of fuse.h, fuse_lowlevel.h and fuse_opt.h. Addresses and sizes are words. Public because JNR-FFI
 * implements it from another package.
 */
@SuppressWarnings("checkstyle:MethodName")
public interface LibfuseCalls extends LibFuse {
  /** A channel on the descriptor of a connection, which it owns from now on. */
  long fuse_kern_chan_new(int fd);

  /** Ends a channel and closes its descriptor. */
  void fuse_chan_destroy(long channel);

  /** Room that {@link #fuse_chan_recv} needs. */
  long fuse_chan_bufsize(long channel);

  /**
   * Receives a request; its length, 0 at the end of the connection, or a negated errno.
   *
   * @param channel address of the channel's address
   */
  int fuse_chan_recv(long channel, long buffer, long size);

  long fuse_get_session(long fuse);

  /** Serves one request; any number of threads may, each with another. */
  void fuse_session_process(long session, long buffer, long length, long channel);

  /** Ends all of it, the channel included. */
  void fuse_destroy(long fuse);

  void fuse_opt_free_args(long args);
}
