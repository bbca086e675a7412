package dev.lamina.cli.stats;

import dev.lamina.fuse.FuseMount;
import dev.lamina.fuse.Transport;
import dev.lamina.fuse.metrics.MountMetrics;
import dev.lamina.overlay.OverlayMetrics;

/**
 * All figures of one mount.
 *
 * @param mountPoint where it is mounted
 * @param pid of its server
 * @param carrier how its requests come
 * @param uptimeMillis since it was mounted
 * @param server what its server has done
 * @param union what the union behind it has done
 */
public record Figures(
    String mountPoint,
    long pid,
    Carrier carrier,
    long uptimeMillis,
    MountMetrics server,
    OverlayMetrics union) {
  /** What carries requests. */
  public enum Carrier {
    DEV_FUSE("/dev/fuse", 0),
    IO_URING("io_uring", 1),
    LIBFUSE("libfuse", 2);

    /** By which servers tell it. */
    final int number;

    private final String title;

    Carrier(String title, int number) {
      this.title = title;
      this.number = number;
    }

    static Carrier of(FuseMount mount) {
      return mount.transport() == Transport.LIBFUSE
          ? LIBFUSE
          : mount.isOverIoUring() ? IO_URING : DEV_FUSE;
    }

    /** For people. */
    @Override
    public String toString() {
      return title;
    }
  }
}
