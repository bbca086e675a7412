package dev.lamina.snapshot;

import com.google.common.collect.ImmutableList;

/**
 * A mount that containerd makes to get at a snapshot.
 *
 * @param type {@code bind}, or {@code fuse3.PROGRAM}, for which containerd runs mount.fuse3
 * @param options as those of mount(8)
 */
public record SnapshotMount(String type, String source, ImmutableList<String> options) {}
