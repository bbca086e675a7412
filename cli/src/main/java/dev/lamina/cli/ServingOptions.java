package dev.lamina.cli;

import dev.lamina.fuse.FuseMountBuilder;
import dev.lamina.fuse.IoUringMode;
import dev.lamina.fuse.Transport;
import dev.lamina.fuse.session.PassthroughPolicy;

/** Those of the {@code -o} options that say how a mount is served and not what it shows. */
final class ServingOptions {
  private IoUringMode ioUring = IoUringMode.AUTO;
  private PassthroughPolicy passthrough = PassthroughPolicy.AUTO;
  private boolean writeback;
  private Transport transport = Transport.KERNEL;

  /** Takes one option; false if it is none of these. */
  boolean take(OverlayArguments.Option option) throws CommandFailure {
    switch (option.name()) {
      case "io_uring" -> ioUring = ioUring(option.text());
      case "passthrough" -> passthrough = passthrough(option.text());
      case "writeback" -> writeback = writeback(option);
      case "transport" -> transport = transport(option.text());
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Refuses what libfuse has not; to be called when all options have been taken. */
  void requirePossible() throws CommandFailure {
    if (transport != Transport.LIBFUSE) {
      return;
    }
    String impossible =
        ioUring == IoUringMode.ON
            ? "io_uring=on"
            : passthrough == PassthroughPolicy.ALL
                ? "passthrough=all"
                : writeback ? "writeback=on" : null;
    if (impossible != null) {
      throw new CommandFailure(
          ExitStatus.USAGE, "there is no " + impossible + " with transport=libfuse");
    }
  }

  void applyTo(FuseMountBuilder builder) {
    builder.transport(transport).ioUring(ioUring).passthrough(passthrough).writeback(writeback);
  }

  private static IoUringMode ioUring(String value) throws CommandFailure {
    return switch (value) {
      case "auto" -> IoUringMode.AUTO;
      case "on" -> IoUringMode.ON;
      case "off" -> IoUringMode.OFF;
      default ->
          throw new CommandFailure(ExitStatus.USAGE, "io_uring= is auto, on or off, not " + value);
    };
  }

  /** As fuse-overlayfs has it, a number; or the words of the other options. */
  private static boolean writeback(OverlayArguments.Option option) throws CommandFailure {
    return switch (option.value() == null ? "on" : option.text()) {
      case "on", "1" -> true;
      case "off", "0" -> false;
      default ->
          throw new CommandFailure(
              ExitStatus.USAGE, "writeback= is on or off, not " + option.text());
    };
  }

  private static Transport transport(String value) throws CommandFailure {
    return switch (value) {
      case "kernel" -> Transport.KERNEL;
      case "libfuse" -> Transport.LIBFUSE;
      default ->
          throw new CommandFailure(
              ExitStatus.USAGE, "transport= is kernel or libfuse, not " + value);
    };
  }

  private static PassthroughPolicy passthrough(String value) throws CommandFailure {
    return switch (value) {
      case "auto" -> PassthroughPolicy.AUTO;
      case "all" -> PassthroughPolicy.ALL;
      case "off" -> PassthroughPolicy.OFF;
      default ->
          throw new CommandFailure(
              ExitStatus.USAGE, "passthrough= is auto, all or off, not " + value);
    };
  }
}
