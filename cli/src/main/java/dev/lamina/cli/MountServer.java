package dev.lamina.cli;

import dev.lamina.cli.log.LogFile;
import dev.lamina.cli.stats.FiguresServer;
import dev.lamina.fuse.FuseMount;
import dev.lamina.fuse.FuseMountBuilder;
import dev.lamina.fuse.StaleMounts;
import dev.lamina.linux.ProcessLimits;
import dev.lamina.linux.WorkingDirectory;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves one mount until it is unmounted, from outside or because this process is told to end. */
final class MountServer {
  private static final Logger LOG = LoggerFactory.getLogger(MountServer.class);

  private final OverlayOptions options;
  private final Path mountPoint;
  private final String source;
  private long mountFlags;
  private Boolean allowOther;
  private boolean readOnly;
  private ServingOptions serving = new ServingOptions();

  /** {@code mountPoint} is absolute, and so are all paths of {@code options}. */
  MountServer(OverlayOptions options, Path mountPoint, String source) {
    this.options = options;
    this.mountPoint = mountPoint;
    this.source = source;
    this.readOnly = options.upper().isEmpty();
  }

  /** More flags for mount(2). */
  void addMountFlags(long flags) {
    mountFlags |= flags;
  }

  void serving(ServingOptions options) {
    serving = options;
  }

  void allowOther() {
    allowOther = true;
  }

  void readOnly() {
    readOnly = true;
  }

  /** What to do once the mount is live, before that is reported. */
  interface WhenLive {
    void run(FuseMount mount) throws IOException;
  }

  /**
   * Mounts, reports, and returns when the mount has ended: from outside, or because this thread was
   * interrupted.
   *
   * @param log where errors go once the terminal is let go; empty discards them
   */
  @SuppressWarnings("try") // figures are served by being there
  void run(Invocation invocation, Optional<LogFile> log, WhenLive whenLive)
      throws IOException, CommandFailure {
    ProcessLimits.raiseDescriptors();
    if (invocation.isDetached()) {
      // All paths are absolute: the caller's directory can be unmounted under the server.
      WorkingDirectory.leave();
    }
    if (StaleMounts.clear(mountPoint)) {
      LOG.warn("cleared a dead mount on {}", mountPoint);
    }
    MountPoints.requireOutsideLayers(options, mountPoint);
    try (Overlay overlay = Overlay.open(options);
        FuseMount mount = builder(overlay).mount();
        Closeable figures = figures(invocation, overlay, mount)) {
      whenLive.run(mount);
      invocation.release(mount.mountPoint(), log);
      if (!invocation.isShared()) {
        QuietTimes.watch(mount);
      }
      mount.awaitUnmount();
    } catch (InterruptedException e) {
      LOG.debug("told to end: {} is unmounted", mountPoint);
    }
  }

  /**
   * What {@code lamina stats} asks. A mount is served without it where there is no place for it.
   */
  private static Closeable figures(Invocation invocation, Overlay overlay, FuseMount mount) {
    if (invocation.variable(RuntimeDirectory.VARIABLE).isEmpty()) {
      return () -> {};
    }
    try {
      return FiguresServer.start(RuntimeDirectory.of(invocation), overlay, mount);
    } catch (IOException | CommandFailure e) {
      LOG.info("no figures of {}: {}", mount.mountPoint(), e.getMessage());
      return () -> {};
    }
  }

  private FuseMountBuilder builder(Overlay overlay) {
    FuseMountBuilder builder =
        FuseMount.of(overlay.inodes())
            .on(mountPoint)
            .readOnly(readOnly)
            .source(source)
            .mountFlags(mountFlags);
    serving.applyTo(builder);
    if (allowOther != null) {
      builder.allowOther(allowOther);
    }
    return builder;
  }
}
