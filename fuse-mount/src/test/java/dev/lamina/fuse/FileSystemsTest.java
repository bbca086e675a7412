package dev.lamina.fuse;

import dev.lamina.fixtures.model.Features;
import dev.lamina.fixtures.model.LayerStack;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFileSystems;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.mount.ScratchFileSystem;
import dev.lamina.fixtures.ops.MountDifferential;
import dev.lamina.fixtures.ops.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Group;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.Lifespan;
import net.jqwik.api.lifecycle.Store;

/** Layers on each filesystem that uppers lie on, against kernel overlayfs on the same. */
@SuppressWarnings("ClassCanBeStatic") // jqwik wants groups to be inner classes
final class FileSystemsTest {
  @Group
  final class OnTmpfs extends On {
    OnTmpfs() {
      super(ScratchFileSystem.TMPFS);
    }
  }

  @Group
  final class OnExt4 extends On {
    OnExt4() {
      super(ScratchFileSystem.EXT4);
    }
  }

  @Group
  final class OnXfs extends On {
    OnXfs() {
      super(ScratchFileSystem.XFS);
    }
  }

  @Group
  final class OnBtrfs extends On {
    OnBtrfs() {
      super(ScratchFileSystem.BTRFS);
    }
  }

  @RequiresFuse
  @RequiresKernelOverlay
  @RequiresFileSystems
  abstract static class On extends MountDifferential {
    private final ScratchFileSystem type;

    On(ScratchFileSystem type) {
      this.type = type;
    }

    @Override
    protected AutoCloseable mount(LayerStack.OnDisk layers, Features features, Path mountPoint)
        throws IOException {
      return UnionMount.of(layers, features, mountPoint);
    }

    @Override
    protected MountScratch scratch() {
      return MountScratch.createIn(
          Store.getOrCreate(type, Lifespan.RUN, () -> new Mounted(type)).get().root);
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

  /** One for all tries: making it takes longer than a script. */
  private static final class Mounted implements Store.CloseOnReset {
    private final MountScratch scratch = MountScratch.create();
    private final Path root;

    Mounted(ScratchFileSystem type) {
      try {
        root = type.mountIn(scratch);
      } catch (IOException e) {
        scratch.close();
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      scratch.unmountAll();
      scratch.close();
    }
  }
}
