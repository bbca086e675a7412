package dev.lamina.fuse;

import dev.lamina.fixtures.model.Features;
import dev.lamina.fixtures.model.LayerStack;
import dev.lamina.fixtures.ops.Op;
import dev.lamina.fixtures.ops.ProcessesDifferential;
import java.io.IOException;
import java.nio.file.Path;

/** The union behind {@code /dev/fuse}, used by several at once, against kernel overlayfs. */
final class OverlayProcessesTest extends ProcessesDifferential {
  @Override
  protected AutoCloseable mount(LayerStack.OnDisk layers, Features features, Path mountPoint)
      throws IOException {
    return UnionMount.of(layers, features, mountPoint);
  }

  @Override
  protected boolean can(Op op) {
    return TestMounts.can(op);
  }
}
