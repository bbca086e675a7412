package dev.lamina.cli;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code lamina system}: about the state directory as a whole. */
@Command(
    name = "system",
    mixinStandardHelpOptions = true,
    description = "Commands about the whole state directory.",
    subcommands = SystemDfCommand.class)
final class SystemCommand implements Runnable {
  @ParentCommand private Lamina lamina;

  @Spec private CommandSpec spec;

  State state() throws IOException {
    return lamina.state();
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say which: df");
  }
}
