package dev.lamina.fuse;

import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.nio.file.Path;

/** A server of a union in a process of its own, for tests that kill it. */
final class ServeUnion {
  private ServeUnion() {}

  /** Arguments: mount point, upper, work, lowers. Prints a line when the mount is live. */
  public static void main(String[] args) throws Exception {
    OverlayOptions.Builder options =
        OverlayOptions.builder().writable(Path.of(args[1]), Path.of(args[2]));
    for (int i = 3; i < args.length; i++) {
      options.addLower(Path.of(args[i]));
    }
    try (Overlay overlay = Overlay.open(options.build());
        FuseMount mount = FuseMount.of(overlay.inodes()).on(Path.of(args[0])).mount()) {
      System.out.println("mounted");
      mount.awaitUnmount();
    }
  }
}
