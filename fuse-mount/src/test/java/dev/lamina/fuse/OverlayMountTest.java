package dev.lamina.fuse;

import dev.lamina.fixtures.model.Features;
import dev.lamina.fixtures.model.LayerStack;
import dev.lamina.fixtures.ops.MountDifferential;
import dev.lamina.fixtures.ops.Op;
import java.io.IOException;
import java.nio.file.Path;

/** The union behind {@code /dev/fuse} against kernel overlayfs. */
final class OverlayMountTest extends MountDifferential {
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
