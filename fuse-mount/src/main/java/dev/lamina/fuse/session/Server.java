package dev.lamina.fuse.session;

import dev.lamina.fuse.metrics.Meters;
import java.util.concurrent.CompletableFuture;

/**
 * Who answers the kernel's requests of one mount, from the time it was started until the mount has
 * ended. It ends only by an unmount or an abort, which are the business of whoever mounted. When it
 * is over, all that was held of the filesystem has been given back to it. Thread-safe.
 */
public interface Server {
  /** Completes when all is over and everything is given back; never exceptionally. */
  CompletableFuture<Void> ended();

  /** What its threads count. */
  Meters meters();

  /** Whether the calling thread is one of this server's: it must not wait for {@link #ended}. */
  boolean ownsCurrentThread();

  /** The protocol agreed on is 7 and this. */
  int protocolMinor();

  /** Whether {@code flag}, of {@link dev.lamina.fuse.wire.InitFlags}, was agreed on. */
  boolean agreed(long flag);

  /** Whether requests come over io_uring; else all come through {@code /dev/fuse}. */
  boolean isOverIoUring();
}
