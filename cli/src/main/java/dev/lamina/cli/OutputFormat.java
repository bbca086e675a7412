package dev.lamina.cli;

import picocli.CommandLine.Option;

/** {@code --format}: text for people, or JSON for scripts. */
final class OutputFormat {
  @Option(names = "--format", paramLabel = "table|json", description = "table by default")
  private String format = "table";

  /** Refuses anything else; to be called before there is any output. */
  void require() throws CommandFailure {
    JsonOutput.isWanted(format, "table");
  }

  boolean isJson() {
    return format.equals("json");
  }
}
