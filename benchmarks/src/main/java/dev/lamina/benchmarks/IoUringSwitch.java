package dev.lamina.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The kernel's switch for FUSE over io_uring, which is the whole host's and which some systems turn
 * on.
 */
public final class IoUringSwitch {
  private static final Path PARAMETER = Path.of("/sys/module/fuse/parameters/enable_uring");

  private final Path parameter;
  private final String before;

  private IoUringSwitch(Path parameter) throws IOException {
    this.parameter = parameter;
    this.before = read();
  }

  /** Looks how it stands. */
  public static IoUringSwitch remember() throws IOException {
    return new IoUringSwitch(PARAMETER);
  }

  /** The same of another file. */
  static IoUringSwitch at(Path parameter) throws IOException {
    return new IoUringSwitch(parameter);
  }

  /** Null where there is none: a kernel before 6.14, or one that has not loaded FUSE yet. */
  private String read() throws IOException {
    return Files.exists(parameter) ? Files.readString(parameter) : null;
  }

  /** Puts it back as it was. */
  public void putBack() throws IOException {
    String now = read();
    if (now != null && !now.equals(before)) {
      // A module that was not loaded before has it off.
      Files.writeString(parameter, before == null ? "N" : before);
    }
  }
}
