package dev.lamina.snapshot.grpc;

import com.google.protobuf.Timestamp;
import dev.lamina.snapshot.SnapshotInfo;
import dev.lamina.snapshot.SnapshotMount;
import dev.lamina.snapshot.api.Info;
import dev.lamina.snapshot.api.Kind;
import dev.lamina.snapshot.api.Mount;
import java.time.Instant;
import java.util.List;

/** The messages of what the service returns. */
final class Messages {
  private Messages() {}

  static Info info(SnapshotInfo info) {
    return Info.newBuilder()
        .setName(info.name())
        .setParent(info.parent())
        .setKind(kind(info.kind()))
        .setCreatedAt(timestamp(info.created()))
        .setUpdatedAt(timestamp(info.updated()))
        .putAllLabels(info.labels())
        .build();
  }

  private static Kind kind(dev.lamina.snapshot.Kind kind) {
    return switch (kind) {
      case VIEW -> Kind.VIEW;
      case ACTIVE -> Kind.ACTIVE;
      case COMMITTED -> Kind.COMMITTED;
    };
  }

  private static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }

  static List<Mount> mounts(List<SnapshotMount> mounts) {
    return mounts.stream()
        .map(
            mount ->
                Mount.newBuilder()
                    .setType(mount.type())
                    .setSource(mount.source())
                    .addAllOptions(mount.options())
                    .build())
        .toList();
  }
}
