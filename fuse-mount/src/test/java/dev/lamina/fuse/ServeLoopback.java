package dev.lamina.fuse;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;

/** A server of its own process, for tests that need one: as another user, or to be killed. */
final class ServeLoopback {
  private ServeLoopback() {}

  /**
   * Arguments: directory, mount point, workers. Prints a line when the mount is live, and closes it
   * when its standard input ends.
   */
  public static void main(String[] args) throws Exception {
    try (LoopbackFileSystem fileSystem = new LoopbackFileSystem(Path.of(args[0]));
        FuseMount mount =
            FuseMount.of(fileSystem)
                .ioUring(IoUringMode.valueOf(System.getProperty("lamina.test.io-uring")))
                .on(Path.of(args[1]))
                .workers(Integer.parseInt(args[2]))
                .closeGrace(Duration.ofSeconds(1))
                .mount()) {
      System.out.println("mounted " + mount.mountPoint());
      Thread atEndOfInput = new Thread(() -> closeAtEndOfInput(mount));
      atEndOfInput.setDaemon(true);
      atEndOfInput.start();
      mount.awaitUnmount();
      System.out.println(
          "ended with %d nodes, %d handles"
              .formatted(fileSystem.heldNodes(), fileSystem.openHandles()));
    } catch (MountException e) {
      System.out.println(e.reason() + ": " + e.getMessage());
      System.exit(1);
    }
  }

  private static void closeAtEndOfInput(FuseMount mount) {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
      mount.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
