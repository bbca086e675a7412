package dev.lamina.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/** {@code --format json}: what scripts read. */
final class JsonOutput {
  private JsonOutput() {}

  /** Whether JSON is wanted; refuses what is neither that nor {@code other}. */
  static boolean isWanted(String format, String other) throws CommandFailure {
    if (format.equals("json")) {
      return true;
    }
    if (format.equals(other)) {
      return false;
    }
    throw new CommandFailure(ExitStatus.USAGE, "--format is " + other + " or json, not " + format);
  }

  static void print(Object value) throws JsonProcessingException {
    System.out.println(
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(value));
  }
}
