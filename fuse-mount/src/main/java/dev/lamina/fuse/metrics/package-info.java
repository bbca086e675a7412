/**
 * What a mount's server counts, and how it is handed out. Each thread that serves counts for itself
 * in a {@link dev.lamina.fuse.metrics.Meter}, so counting shares nothing and allocates nothing;
 * whoever asks adds them up ({@link dev.lamina.fuse.metrics.MountMetrics}).
 */
package dev.lamina.fuse.metrics;
