package dev.lamina.fuse;

import dev.lamina.fuse.metrics.MountMetrics;
import dev.lamina.fuse.session.Server;
import dev.lamina.fuse.wire.InitFlags;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.MountTable;
import dev.lamina.overlay.InodeFileSystem;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A filesystem mounted through the kernel's FUSE driver, live from the moment that {@link
 * FuseMountBuilder#mount} returns until it is closed, or unmounted from outside.
 *
 * <pre>{@code
 * try (FuseMount mount = FuseMount.of(fileSystem).on(Path.of("/mnt/image")).mount()) {
 *   mount.awaitUnmount(); // umount, fusermount3 -u, or another thread's close()
 * }
 * }</pre>
 *
 * <p>The filesystem is not closed with the mount. When the mount has ended, every node and handle
 * that the kernel held has been given back to it.
 *
 * <p>Programs of the same JVM may use the mount like any other, with one exception: memory-mapping
 * its files. A thread that touches a mapped page waits for the page outside the JVM's view, a
 * garbage collection waits for that thread, and the worker that would bring the page waits for the
 * collection.
 *
 * <p>Thread-safe.
 */
public final class FuseMount implements Closeable {
  private final Path mountPoint;
  private final String device;
  private final Server server;
  private final Transport transport;
  private final Unmounting unmounting;
  private final Duration grace;
  private final AtomicBoolean closed = new AtomicBoolean();

  FuseMount(
      Mounter mounter, MountTable.Entry mount, Server server, Transport transport, Duration grace) {
    this.mountPoint = mount.mountPoint();
    this.device = mount.device();
    this.server = server;
    this.transport = transport;
    this.unmounting = new Unmounting(mounter, mount, server);
    this.grace = grace;
  }

  /** Starts describing a mount of {@code fileSystem}, which stays the caller's. */
  public static FuseMountBuilder of(InodeFileSystem fileSystem) {
    return new FuseMountBuilder(fileSystem);
  }

  /**
   * Unmounts the FUSE mount on top at {@code mountPoint}, whichever process serves it, and does not
   * wait for that process.
   *
   * @param lazy takes it out of sight even while programs use it
   * @throws MountException with reason MOUNT_POINT_BUSY while programs use it, unless lazy
   */
  public static void unmount(Path mountPoint, boolean lazy) throws IOException {
    try {
      Mounter.ofProcess()
          .unmount(mountPoint.toString(), lazy ? Mounter.Mode.LAZY : Mounter.Mode.PLAIN);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EBUSY) {
        throw new MountException(
            MountException.Reason.MOUNT_POINT_BUSY, mountPoint + " is in use by a program", e);
      }
      throw e.about(mountPoint);
    }
  }

  /** Where it is mounted: absolute, without symbolic links. */
  public Path mountPoint() {
    return mountPoint;
  }

  /**
   * Device number of the filesystem, {@code "MAJOR:MINOR"}, as the mount table has it. The minor
   * number is the name of the connection in {@code /sys/fs/fuse/connections}.
   */
  public String device() {
    return device;
  }

  /** Whether requests are still served. */
  public boolean isLive() {
    return !server.ended().isDone();
  }

  /** Who speaks the kernel's protocol for it. */
  public Transport transport() {
    return transport;
  }

  /** Whether requests come over io_uring; else they come through {@code /dev/fuse}. */
  public boolean isOverIoUring() {
    return server.isOverIoUring();
  }

  /** What the kernel agreed to. */
  public KernelFeatures kernelFeatures() {
    return new KernelFeatures(
        server.protocolMinor(),
        server.agreed(InitFlags.PASSTHROUGH),
        server.agreed(InitFlags.WRITEBACK_CACHE),
        server.agreed(InitFlags.ALLOW_IDMAP),
        server.isOverIoUring());
  }

  /**
   * How many requests the kernel has sent so far, by the protocol's name for their kind, such as
   * {@code LOOKUP}; what it knows already, and files in passthrough, cost none.
   */
  public Map<String, Long> requests() {
    return server.meters().byName();
  }

  /** The sum of {@link #requests}. */
  public long requestCount() {
    return server.meters().total();
  }

  /**
   * What its server has done so far: requests by kind with how long they took, errors, opens, and
   * what is under way. Cheap enough to be asked every second. What the union behind it did, tells
   * {@link dev.lamina.overlay.Overlay#metrics}.
   */
  public MountMetrics metrics() {
    return server.meters().snapshot();
  }

  /** Completes when the mount has ended, by whatever means, and everything was given back. */
  public CompletionStage<Void> ended() {
    return server.ended().minimalCompletionStage();
  }

  /** Waits until the mount has ended, by whatever means. */
  public void awaitUnmount() throws InterruptedException {
    try {
      server.ended().get();
    } catch (ExecutionException e) {
      throw new AssertionError("a server's end is never exceptional", e);
    }
  }

  /**
   * Unmounts, and waits until the workers have ended. Programs that still use the mount may go on
   * for the grace time ({@link FuseMountBuilder#closeGrace}); then their requests fail. Never waits
   * longer than that and a few seconds. Idempotent: later and concurrent calls wait for the first.
   *
   * @throws IllegalStateException on a thread that serves this mount, which cannot wait for itself
   */
  @Override
  public void close() {
    if (server.ownsCurrentThread()) {
      throw new IllegalStateException("a mount cannot be closed from a request that it serves");
    }
    if (closed.compareAndSet(false, true)) {
      unmounting.run(grace);
    } else {
      Waiting.forEnd(server, new Deadline(grace.plusSeconds(5)));
    }
  }
}
