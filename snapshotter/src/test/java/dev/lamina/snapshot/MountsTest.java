package dev.lamina.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MountsTest {
  @TempDir Path root;

  private static Metadata.Stack stack(int layers) {
    SnapshotInfo info =
        new SnapshotInfo(
            "key", "parent", Kind.ACTIVE, Instant.EPOCH, Instant.EPOCH, ImmutableMap.of());
    return new Metadata.Stack(
        new Row(layers + 1, info, Usage.NONE),
        LongStream.rangeClosed(1, layers).map(i -> layers + 1 - i).boxed().toList());
  }

  @Test
  void unionOf500Layers_fitsACommandLine_thatOf50000DoesNot() throws Exception {
    Mounts mounts = new Mounts(Directories.in(root), "fuse-lamina", ImmutableList.of());
    SnapshotMount mount = mounts.of(stack(500)).get(0);
    String lowers = mount.options().get(mount.options().size() - 1);
    assertThat(lowers.substring("lowerdir=".length()).split(":"))
        .hasSize(500)
        .startsWith(root.resolve("snapshots/500/fs").toString())
        .endsWith(root.resolve("snapshots/1/fs").toString());
    assertThatThrownBy(() -> mounts.of(stack(50_000)))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("too many others");
  }
}
