package dev.lamina.fuse;

import dev.lamina.fixtures.model.Features;
import dev.lamina.fixtures.model.LayerStack;
import dev.lamina.fixtures.ops.HardScripts;
import dev.lamina.fixtures.ops.MountDifferential;
import dev.lamina.fixtures.ops.Op;
import dev.lamina.fixtures.ops.Script;
import dev.lamina.fixtures.tree.Dialect;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Provide;

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

  /** How requests come is nothing to the ways in which layers say "deleted". */
  @Override
  @Provide
  protected Arbitrary<Script> hard() {
    return TestMounts.OVER_DEV_FUSE ? super.hard() : HardScripts.in(List.of(Dialect.KERNEL));
  }
}
