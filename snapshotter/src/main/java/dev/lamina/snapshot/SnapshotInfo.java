package dev.lamina.snapshot;

import com.google.common.collect.ImmutableMap;
import java.time.Instant;

/**
 * What is recorded about a snapshot.
 *
 * @param name its key or name
 * @param parent the parent's name; empty without one
 * @param created when it was prepared, or committed
 * @param updated when its labels changed last
 */
public record SnapshotInfo(
    String name,
    String parent,
    Kind kind,
    Instant created,
    Instant updated,
    ImmutableMap<String, String> labels) {
  SnapshotInfo withLabels(ImmutableMap<String, String> others) {
    return new SnapshotInfo(name, parent, kind, created, updated, others);
  }
}
