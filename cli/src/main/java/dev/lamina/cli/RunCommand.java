package dev.lamina.cli;

import dev.lamina.linux.Terminals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina run}: a container of an image, from its making to its end. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Run a command in a new container, with runc or crun, and exit with its status.",
      "What it wrote stays in the container, unless it is to be removed."
    })
final class RunCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Option(names = "--rm", description = "remove the container when it has ended")
  private boolean remove;

  @Option(
      names = {"-i", "--interactive"},
      description = "with this standard input; else there is none")
  private boolean interactive;

  @Option(
      names = "--runtime",
      paramLabel = "PROGRAM",
      description = "the OCI runtime (default: runc, else crun)")
  private String runtime;

  @Mixin private NewRun container;

  @Parameters(index = "0", paramLabel = "IMAGE", description = PlatformOption.IMAGE)
  private String imageText;

  @Parameters(
      index = "1..*",
      paramLabel = "WORD",
      description = "the command, in the place of the image's")
  private List<String> command = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    if (container.wantsTerminal() && !Terminals.isTerminal(0)) {
      throw new CommandFailure(ExitStatus.USAGE, "--tty, but standard input is no terminal");
    }
    OciRuntime program = OciRuntime.find(lamina.invocation(), runtime);
    NewRun.Plan plan = container.plan(lamina, imageText, command);
    Path bundle = Files.createTempDirectory("lamina-run");
    try {
      Files.writeString(bundle.resolve(Bundles.CONFIG), plan.config());
      return run(plan, bundle, program);
    } finally {
      Files.deleteIfExists(bundle.resolve(Bundles.CONFIG));
      Files.deleteIfExists(bundle.resolve(Bundles.ROOT));
      Files.deleteIfExists(bundle);
    }
  }

  private int run(NewRun.Plan plan, Path bundle, OciRuntime program)
      throws IOException, CommandFailure {
    int[] status = {ExitStatus.FAILED};
    boolean[] made = new boolean[1];
    boolean[] ran = new boolean[1];
    Path root = Files.createDirectory(bundle.resolve(Bundles.ROOT));
    boolean input = interactive || container.wantsTerminal();
    try {
      plan.mount(
          lamina.invocation(),
          root,
          (container, mount) -> {
            made[0] = true;
            status[0] = program.run(bundle, container.name(), input);
            ran[0] = true;
            mount.close();
          });
    } finally {
      Containers containers = plan.state().containers();
      if (made[0] && (remove || !ran[0]) && containers.find(plan.container()).isPresent()) {
        containers.removeUnused(plan.container());
      }
    }
    return status[0];
  }
}
