package dev.lamina.fuse;

import java.nio.file.Path;
import java.time.Duration;

/** A server of its own process, for tests that need one: as another user, or to be killed. */
final class ServeLoopback {
  private ServeLoopback() {}

  /** Arguments: directory, mount point, workers. Prints a line when the mount is live. */
  public static void main(String[] args) throws Exception {
    try (LoopbackFileSystem fileSystem = new LoopbackFileSystem(Path.of(args[0]));
        FuseMount mount =
            FuseMount.of(fileSystem)
                .on(Path.of(args[1]))
                .workers(Integer.parseInt(args[2]))
                .closeGrace(Duration.ofSeconds(1))
                .mount()) {
      System.out.println("mounted " + mount.mountPoint());
      mount.awaitUnmount();
      System.out.println(
          "ended with %d nodes, %d handles"
              .formatted(fileSystem.heldNodes(), fileSystem.openHandles()));
    } catch (MountException e) {
      System.out.println(e.reason() + ": " + e.getMessage());
      System.exit(1);
    }
  }
}
