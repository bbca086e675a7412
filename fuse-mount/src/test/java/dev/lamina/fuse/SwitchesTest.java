package dev.lamina.fuse;

import dev.lamina.fixtures.model.Features;
import dev.lamina.fixtures.model.LayerStack;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.ops.HardScripts;
import dev.lamina.fixtures.ops.MountDifferential;
import dev.lamina.fixtures.ops.Script;
import dev.lamina.fixtures.tree.Dialect;
import dev.lamina.fuse.session.PassthroughPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Group;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** However data travels, what programs see is what kernel overlayfs shows them. */
@SuppressWarnings("ClassCanBeStatic") // jqwik wants groups to be inner classes
final class SwitchesTest {
  @Group
  final class WithoutPassthrough extends With {
    WithoutPassthrough() {
      super(builder -> builder.passthrough(PassthroughPolicy.OFF));
    }
  }

  @Group
  final class WithWriteback extends With {
    WithWriteback() {
      super(builder -> builder.passthrough(PassthroughPolicy.OFF).writeback(true));
    }
  }

  @RequiresFuse
  @RequiresKernelOverlay
  abstract static class With extends MountDifferential {
    private final UnaryOperator<FuseMountBuilder> switches;

    With(UnaryOperator<FuseMountBuilder> switches) {
      this.switches = switches;
    }

    @Override
    protected AutoCloseable mount(LayerStack.OnDisk layers, Features features, Path mountPoint)
        throws IOException {
      return UnionMount.of(layers, features, mountPoint, switches);
    }

    /** How data travels is nothing to the ways in which layers say "deleted". */
    @Override
    @Provide
    protected Arbitrary<Script> hard() {
      return HardScripts.in(List.of(Dialect.KERNEL));
    }

    @Override
    @Property(tries = 24, seed = "2026")
    protected void randomScript_endsAsOnKernelOverlayfs(
        @ForAll("scripts") Script script, @ForAll("features") Features features) throws Exception {
      super.randomScript_endsAsOnKernelOverlayfs(script, features);
    }

    @Override
    @Property(tries = 8, seed = "2026")
    protected void upperMountedInTurnsByBoth_showsWhatOneMountWould(
        @ForAll("kernelScripts") Script script, @ForAll("features") Features features)
        throws Exception {
      super.upperMountedInTurnsByBoth_showsWhatOneMountWould(script, features);
    }
  }
}
