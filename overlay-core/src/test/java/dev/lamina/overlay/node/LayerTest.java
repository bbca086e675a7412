package dev.lamina.overlay.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.format.XattrNamespace;
import dev.lamina.overlay.owner.OwnerRecords;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LayerTest {
  private static Layer on(int filesystem) {
    return new Layer(
        0,
        "layer",
        LayerFormat.kernel(XattrNamespace.TRUSTED),
        false,
        filesystem,
        OwnerRecords.NONE);
  }

  @Test
  void ino_ofTheFirstFilesystem_passes() {
    assertThat(on(0).ino(15343618)).isEqualTo(15343618);
  }

  @Test
  void ino_distinctAcrossFilesystems_evenWhereTheHighBitsAreUsed() {
    long[] reals = {1, 2, 3L << 50, 1L << 52, 1L << 56, (1L << 56) | 1, 1L << 63, 1L << 63 | 2, -1};
    Set<Long> seen = new HashSet<>();
    for (int filesystem = 0; filesystem < 2048; filesystem++) {
      Layer layer = on(filesystem);
      for (long real : reals) {
        assertThat(seen.add(layer.ino(real))).as("%d on %d", real, filesystem).isTrue();
      }
    }
  }
}
