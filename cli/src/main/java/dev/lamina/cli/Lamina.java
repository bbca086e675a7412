package dev.lamina.cli;

import dev.lamina.cli.log.Log;
import dev.lamina.layer.UnpackLimits;
import dev.lamina.linux.Bindings;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code lamina} command; see {@link Subcommands}. */
@Command(
    name = "lamina",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    description = "Union filesystem and copy-on-write runtime for container images.")
final class Lamina {
  @Option(
      names = "--root",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description =
          "where images and writable layers are kept (default: $$LAMINA_ROOT, else"
              + " /var/lib/lamina for root, $$XDG_DATA_HOME/lamina for others)")
  private Path root;

  private final Invocation invocation;

  @Spec private CommandSpec spec;

  Lamina() {
    this(Invocation.ofProcess());
  }

  Lamina(Invocation invocation) {
    this.invocation = invocation;
  }

  /** In force from here on, so that what is read of the command line later is logged, too. */
  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      scope = ScopeType.INHERIT,
      description =
          "how much to log: "
              + Log.LEVELS
              + " (default: $$LAMINA_LOG_LEVEL, else warn; info for the snapshotter)")
  void logLevel(String name) {
    if (name == null || invocation.isShared()) {
      return;
    }
    Log.say(
        Log.parse(name)
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(), "--log-level is " + Log.LEVELS + ", not " + name)));
  }

  public static void main(String[] args) {
    Log.begin(System.getenv());
    Bindings.prepare();
    System.exit(CommandLines.run(Subcommands.line(new Lamina(), args), args));
  }

  /** Where state is kept. */
  Path root() {
    return root == null ? State.usualRoot(invocation) : invocation.path(root);
  }

  /** By whom and where the command was called. */
  Invocation invocation() {
    return invocation;
  }

  /** Everything that commands keep on disk. */
  State state() throws IOException {
    return State.open(root(), invocation);
  }

  /** The same, for a command that unpacks with limits of its user's. */
  State state(UnpackLimits limits) throws IOException {
    return State.open(root(), invocation, limits);
  }
}
