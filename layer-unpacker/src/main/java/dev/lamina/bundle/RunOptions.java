package dev.lamina.bundle;

import java.util.List;

/**
 * What a user says about how an image is to run; what he does not say, the image's configuration
 * does.
 *
 * @param command in the place of the image's {@code Cmd}; empty for that
 * @param entrypoint in the place of the image's, whose {@code Cmd} then goes too; null for both
 * @param environment {@code NAME=VALUE}, on top of the image's
 * @param user {@code USER[:GROUP]}, or null
 * @param directory where to start, or null
 * @param terminal whether the process has a terminal
 * @param readOnly whether the root filesystem is read-only
 * @param hostNetwork whether it shares the host's network; else it has none but loopback
 * @param hostname of the container
 */
public record RunOptions(
    List<String> command,
    String entrypoint,
    List<String> environment,
    String user,
    String directory,
    boolean terminal,
    boolean readOnly,
    boolean hostNetwork,
    String hostname) {
  public RunOptions {
    command = List.copyOf(command);
    environment = List.copyOf(environment);
  }
}
