package dev.lamina.fuse;

import dev.lamina.fixtures.model.Features;
import dev.lamina.fixtures.model.LayerStack;
import dev.lamina.fixtures.ops.MountDifferential;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.overlay.OverlayOptions.PrivateXattrs;
import dev.lamina.overlay.RedirectDir;
import java.io.IOException;
import java.nio.file.Path;

/** The union behind {@code /dev/fuse} against kernel overlayfs. */
final class OverlayMountTest extends MountDifferential {
  @Override
  protected AutoCloseable mount(LayerStack.OnDisk layers, Features features, Path mountPoint)
      throws IOException {
    OverlayOptions.Builder options =
        OverlayOptions.builder()
            .writable(layers.upper(), layers.work())
            .redirectDir(features.redirectDir() ? RedirectDir.ON : RedirectDir.OFF)
            .privateXattrs(layers.userXattr() ? PrivateXattrs.USER : PrivateXattrs.TRUSTED)
            // Only a crash of the host could tell, and syncs take most of the time.
            .syncBeforePublish(false);
    layers.lowers().forEach(options::addLower);
    Overlay overlay = Overlay.open(options.build());
    try {
      FuseMount mount = FuseMount.of(overlay.inodes()).on(mountPoint).mount();
      return () -> {
        mount.close();
        overlay.close();
      };
    } catch (IOException e) {
      overlay.close();
      throw e;
    }
  }
}
