package dev.lamina.cli;

import picocli.CommandLine.Option;

/** {@code --format}: text for people, or JSON for scripts. */
final class OutputFormat {
  @Option(names = "--format", paramLabel = "table|json", description = "table by default")
  private String format = "table";

  /** Refuses anything else; to be called before there is any output. */
  void require() throws CommandFailure {
    if (!format.equals("table") && !format.equals("json")) {
      throw new CommandFailure(ExitStatus.USAGE, "--format is table or json, not " + format);
    }
  }

  boolean isJson() {
    return format.equals("json");
  }
}
