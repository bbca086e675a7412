package dev.lamina.snapshot;

import com.google.common.collect.ImmutableList;

/**
 * How snapshots are mounted and shown.
 *
 * @param mountProgram what mount.fuse3 is to run for a union: a name that it finds in PATH, or an
 *     absolute path
 * @param mountOptions of each union, for that program
 * @param upperLabel whether the label {@code containerd.io/snapshot/overlay.upperdir} says where
 *     what a snapshot itself has is
 */
public record SnapshotOptions(
    String mountProgram, ImmutableList<String> mountOptions, boolean upperLabel) {
  /** With {@code fuse-lamina} of the PATH. */
  public static final SnapshotOptions DEFAULT =
      new SnapshotOptions("fuse-lamina", ImmutableList.of(), false);
}
