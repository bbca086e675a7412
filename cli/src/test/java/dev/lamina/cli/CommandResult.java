package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/**
 * How a program ended, and all that it wrote until the end of both streams.
 *
 * @param command for messages
 * @param status exit status, or 128 and the signal's number
 */
record CommandResult(List<String> command, int status, String out, String err) {
  /** Fails unless it exited with {@code expected}. */
  CommandResult exits(int expected) {
    assertThat(status).as("exit status of %s%n%s%s", command, out, err).isEqualTo(expected);
    return this;
  }

  CommandResult succeeds() {
    return exits(0);
  }

  /** The one line of standard output. */
  String line() {
    assertThat(out.lines()).as("standard output of %s", command).hasSize(1);
    return out.strip();
  }

  /** Standard error without the lines that tell progress. */
  List<String> messages() {
    return err.lines().filter(line -> !line.matches("layer \\d+/\\d+ [0-9a-f]{12} .*")).toList();
  }

  /** The one message of a failure: a line for people, with neither a class name nor a trace. */
  String message() {
    assertThat(messages()).as("standard error of %s", command).hasSize(1);
    assertThat(err).doesNotContain("Exception", "\tat ", "null");
    return messages().get(0);
  }
}
