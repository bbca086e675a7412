package dev.lamina.fuse;

import dev.lamina.fuse.MountException.Reason;
import dev.lamina.fuse.libfuse.Libfuse;
import dev.lamina.fuse.libfuse.LibfuseServer;
import dev.lamina.fuse.session.Server;
import dev.lamina.overlay.InodeFileSystem;
import java.io.IOException;
import java.nio.file.Path;

/** A mount by way of libfuse; apart, as nothing of it is loaded for any other. */
final class LibfuseTransport {
  private LibfuseTransport() {}

  /**
   * Before mounting: the library is there.
   *
   * @throws MountException with reason NO_LIBFUSE
   */
  static void require() throws MountException {
    try {
      Libfuse.require();
    } catch (UnsatisfiedLinkError e) {
      throw missing(e);
    }
  }

  static MountException missing(UnsatisfiedLinkError cause) {
    String why = cause.getMessage().lines().findFirst().orElse("it does not load");
    return new MountException(
        Reason.NO_LIBFUSE, "no " + Libfuse.LIBRARY + " (Debian package libfuse2): " + why, cause);
  }

  /** Serves the connection {@code device}, which is the server's, also when this throws. */
  static Server serve(
      int device, InodeFileSystem fileSystem, int workers, MountSpec spec, boolean flushOnClose)
      throws IOException {
    LibfuseServer server =
        LibfuseServer.start(device, fileSystem, workers, spec.maxRead(), flushOnClose);
    // Libfuse agrees with the kernel on one of its threads. A request that is answered proves it.
    if (MountPoint.of(Path.of(spec.mountPoint())).isStale()) {
      throw new MountException(
          Reason.PROTOCOL, "libfuse does not agree with this kernel on " + spec.mountPoint());
    }
    return server;
  }
}
