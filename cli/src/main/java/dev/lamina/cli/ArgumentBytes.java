package dev.lamina.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The bytes of an argument of this process. The JVM hands arguments over as text, in which a name
 * that is not UTF-8 is lost; the kernel still has them.
 */
final class ArgumentBytes {
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
  private static final char REPLACEMENT = '\ufffd';

  private ArgumentBytes() {}

  /** The bytes that the user wrote for {@code argument}, which is a whole argument. */
  static byte[] of(String argument) throws IOException, CommandFailure {
    if (argument.indexOf(REPLACEMENT) < 0) {
      return argument.getBytes(StandardCharsets.UTF_8);
    }
    return find(argument, split(Files.readAllBytes(COMMAND_LINE)));
  }

  /** The one of {@code arguments} that reads as {@code argument}. */
  static byte[] find(String argument, List<byte[]> arguments) throws CommandFailure {
    byte[] found = null;
    for (byte[] candidate : arguments) {
      if (new String(candidate, StandardCharsets.UTF_8).equals(argument)) {
        if (found != null && !Arrays.equals(found, candidate)) {
          throw new CommandFailure(
              ExitStatus.USAGE, argument + ": two names that are not UTF-8 look the same here");
        }
        found = candidate;
      }
    }
    return found == null ? argument.getBytes(StandardCharsets.UTF_8) : found;
  }

  static List<byte[]> split(byte[] commandLine) {
    List<byte[]> arguments = new ArrayList<>();
    ByteArrayOutputStream argument = new ByteArrayOutputStream();
    for (byte b : commandLine) {
      if (b == 0) {
        arguments.add(argument.toByteArray());
        argument.reset();
      } else {
        argument.write(b);
      }
    }
    return arguments;
  }
}
