package dev.lamina.cli;

import dev.lamina.fuse.FuseMount;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.io.IOException;
import java.nio.file.Path;

/** A mount served by this process for as long as it is open. */
final class DemoMount implements AutoCloseable {
  private final Overlay overlay;
  private final FuseMount mount;

  private DemoMount(Overlay overlay, FuseMount mount) {
    this.overlay = overlay;
    this.mount = mount;
  }

  static DemoMount open(OverlayOptions layers, Path mountPoint) throws IOException {
    Overlay overlay = Overlay.open(layers);
    try {
      return new DemoMount(
          overlay, FuseMount.of(overlay.inodes()).on(mountPoint).source("lamina:demo").mount());
    } catch (IOException | RuntimeException e) {
      overlay.close();
      throw e;
    }
  }

  Path mountPoint() {
    return mount.mountPoint();
  }

  @Override
  public void close() {
    mount.close();
    overlay.close();
  }
}
