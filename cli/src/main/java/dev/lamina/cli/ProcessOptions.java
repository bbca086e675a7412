package dev.lamina.cli;

import dev.lamina.bundle.RunOptions;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** How the process of a container is to run: the names that docker and podman have for it. */
final class ProcessOptions {
  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME[=VALUE]",
      description = "a variable of its environment; without a value, the caller's")
  private List<String> environment = new ArrayList<>();

  @Option(
      names = {"-u", "--user"},
      paramLabel = "USER[:GROUP]",
      description = "names of the image's /etc/passwd and /etc/group, or numbers")
  private String user;

  @Option(
      names = {"-w", "--workdir"},
      paramLabel = "DIR",
      description = "where it starts")
  private String directory;

  @Option(
      names = "--entrypoint",
      paramLabel = "PROGRAM",
      description = "in the place of the image's entry point and command")
  private String entrypoint;

  @Option(
      names = {"-t", "--tty"},
      description = "with a terminal")
  private boolean terminal;

  @Option(
      names = "--network",
      paramLabel = "none|host",
      description = "none but loopback (the default), or the host's")
  private String network = "none";

  @Option(names = "--hostname", paramLabel = "NAME", description = "default: the container's name")
  private String hostname;

  boolean terminal() {
    return terminal;
  }

  /** Refuses what cannot be meant; to be called before anything is done. */
  void require() throws CommandFailure {
    if (!network.equals("none") && !network.equals("host")) {
      throw new CommandFailure(ExitStatus.USAGE, "--network is none or host, not " + network);
    }
  }

  /** All of it, with the command's words and the container's properties. */
  RunOptions of(Invocation invocation, List<String> command, boolean readOnly, String name) {
    List<String> variables = new ArrayList<>();
    for (String variable : environment) {
      if (variable.contains("=")) {
        variables.add(variable);
      } else {
        invocation.variable(variable).ifPresent(value -> variables.add(variable + "=" + value));
      }
    }
    return new RunOptions(
        command,
        entrypoint,
        variables,
        user,
        directory,
        terminal,
        readOnly,
        network.equals("host"),
        hostname == null ? name : hostname);
  }
}
