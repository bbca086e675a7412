/**
 * containerd's snapshots, kept as directories that Lamina mounts, without anything of gRPC: what a
 * {@link dev.lamina.snapshot.Snapshots} of a root directory promises. The words are containerd's.
 *
 * <p>A <b>snapshot</b> is a state of a file system, with a parent unless it begins empty. An
 * <b>active</b> one can be written to and be committed; a <b>view</b> shows its parent read-only; a
 * <b>committed</b> one does not change any more and can be a parent. Active ones and views are
 * called by <b>keys</b>, committed ones by <b>names</b>; all share one space.
 */
package dev.lamina.snapshot;
