package dev.lamina.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The control file of a FUSE connection in {@code /sys/fs/fuse/connections} (the fusectl
 * filesystem), by which whoever mounted can end it however busy it is.
 */
final class Connection {
  private static final Path CONTROL = Path.of("/sys/fs/fuse/connections");

  private final Path abort;

  /** {@code device}: the mount's {@code MAJOR:MINOR}, of which the minor names the connection. */
  Connection(String device) {
    this.abort = CONTROL.resolve(device.substring(device.indexOf(':') + 1)).resolve("abort");
  }

  /** Whether fusectl is mounted, and the file ours to write. */
  boolean canAbort() {
    return Files.isWritable(abort);
  }

  /** Fails all requests, present and future; false where that is not possible. */
  boolean abort() {
    try {
      Files.writeString(abort, "1");
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
