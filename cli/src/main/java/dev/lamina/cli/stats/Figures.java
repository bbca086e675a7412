package dev.lamina.cli.stats;

import dev.lamina.fuse.metrics.MountMetrics;
import dev.lamina.overlay.OverlayMetrics;

/**
 * All figures of one mount.
 *
 * @param mountPoint where it is mounted
 * @param pid of its server
 * @param overIoUring how its requests come
 * @param uptimeMillis since it was mounted
 * @param server what its server has done
 * @param union what the union behind it has done
 */
public record Figures(
    String mountPoint,
    long pid,
    boolean overIoUring,
    long uptimeMillis,
    MountMetrics server,
    OverlayMetrics union) {}
