package dev.lamina.cli;

import dev.lamina.layer.UnpackLimits;
import dev.lamina.linux.Bindings;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The {@code lamina} command. */
@Command(
    name = "lamina",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    description = "Union filesystem and copy-on-write runtime for container images.",
    subcommands = {
      UnpackCommand.class,
      PullCommand.class,
      PushCommand.class,
      ImagesCommand.class,
      TagCommand.class,
      UntagCommand.class,
      RmiCommand.class,
      CreateCommand.class,
      MountCommand.class,
      UmountCommand.class,
      PsCommand.class,
      RmCommand.class,
      DaemonCommand.class,
      DiffCommand.class,
      CommitCommand.class,
      SaveCommand.class,
      HistoryCommand.class,
      InspectCommand.class,
      LayersCommand.class,
      LsCommand.class,
      CatCommand.class,
      ExportCommand.class,
      ReportCommand.class,
      GcCommand.class,
      VerifyCommand.class,
      SystemCommand.class,
      SnapshotterCommand.class,
      BenchCommand.class,
      DemoCommand.class,
      CommandLine.HelpCommand.class
    })
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

  Lamina() {
    this(Invocation.ofProcess());
  }

  Lamina(Invocation invocation) {
    this.invocation = invocation;
  }

  public static void main(String[] args) {
    Bindings.prepare();
    System.exit(CommandLines.run(new Lamina(), args));
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
