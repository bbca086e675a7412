package dev.lamina.fuse;

import dev.lamina.fixtures.model.Features;
import dev.lamina.fixtures.model.LayerStack;
import dev.lamina.overlay.Index;
import dev.lamina.overlay.Metacopies;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.overlay.OverlayOptions.PrivateXattrs;
import dev.lamina.overlay.RedirectDir;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** A union mounted by this process, for a test. */
final class UnionMount implements AutoCloseable {
  private final Overlay overlay;
  private final FuseMount mount;

  private UnionMount(Overlay overlay, FuseMount mount) {
    this.overlay = overlay;
    this.mount = mount;
  }

  static UnionMount of(OverlayOptions options, Path mountPoint) throws IOException {
    return of(options, mountPoint, UnaryOperator.identity());
  }

  private static UnionMount of(
      OverlayOptions options, Path mountPoint, UnaryOperator<FuseMountBuilder> switches)
      throws IOException {
    Overlay overlay = Overlay.open(options);
    try {
      FuseMountBuilder builder = TestMounts.of(overlay.inodes()).on(mountPoint);
      return new UnionMount(overlay, switches.apply(builder).mount());
    } catch (IOException e) {
      overlay.close();
      throw e;
    }
  }

  static UnionMount of(LayerStack.OnDisk layers, Path mountPoint) throws IOException {
    return of(layers, Features.NONE, mountPoint);
  }

  static UnionMount of(LayerStack.OnDisk layers, Features features, Path mountPoint)
      throws IOException {
    return of(layers, features, mountPoint, UnaryOperator.identity());
  }

  static UnionMount of(
      LayerStack.OnDisk layers,
      Features features,
      Path mountPoint,
      UnaryOperator<FuseMountBuilder> switches)
      throws IOException {
    RedirectDir redirectDir = features.redirectDir() ? RedirectDir.ON : RedirectDir.OFF;
    Metacopies metacopies = features.metacopy() ? Metacopies.ON : Metacopies.OFF;
    Index index = features.index() ? Index.ON : Index.OFF;
    return of(
        options(layers).redirectDir(redirectDir).metacopies(metacopies).index(index).build(),
        mountPoint,
        switches);
  }

  static OverlayOptions.Builder options(LayerStack.OnDisk layers) {
    OverlayOptions.Builder options =
        OverlayOptions.builder()
            .writable(layers.upper(), layers.work())
            .privateXattrs(layers.userXattr() ? PrivateXattrs.USER : PrivateXattrs.TRUSTED)
            // Only a crash of the host could tell, and syncs take most of the time.
            .syncBeforePublish(false);
    layers.lowers().forEach(options::addLower);
    return options;
  }

  @Override
  public void close() throws IOException {
    mount.close();
    overlay.close();
  }
}
