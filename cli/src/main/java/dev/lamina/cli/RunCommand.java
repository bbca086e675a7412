package dev.lamina.cli;

import dev.lamina.linux.Terminals;
import dev.lamina.store.StoredImage;
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

  @Option(names = "--read-only", description = "without a writable layer")
  private boolean readOnly;

  @Option(names = "--name", paramLabel = "NAME", description = "of the container to make")
  private String name;

  @Option(
      names = {"-i", "--interactive"},
      description = "with this standard input; else there is none")
  private boolean interactive;

  @Option(
      names = "--runtime",
      paramLabel = "PROGRAM",
      description = "the OCI runtime (default: runc, else crun)")
  private String runtime;

  @Mixin private PlatformOption platform;

  @Mixin private ProcessOptions process;

  @Parameters(index = "0", paramLabel = "IMAGE", description = PlatformOption.IMAGE)
  private String imageText;

  @Parameters(
      index = "1..*",
      paramLabel = "WORD",
      description = "the command, in the place of the image's")
  private List<String> command = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    process.require();
    if (name != null) {
      Containers.requireName(name);
    }
    if (process.terminal() && !Terminals.isTerminal(0)) {
      throw new CommandFailure(ExitStatus.USAGE, "--tty, but standard input is no terminal");
    }
    OciRuntime program = OciRuntime.find(lamina.invocation(), runtime);
    State state = lamina.state();
    if (name != null && state.containers().find(name).isPresent()) {
      throw new CommandFailure(ExitStatus.FAILED, "there is a container " + name + " already");
    }
    StoredImage image = state.image(imageText, platform.named());
    String container = name == null ? NewContainer.nameFor(image) : name;
    byte[] config =
        Bundles.config(image, process.of(lamina.invocation(), command, readOnly, container));
    Path bundle = Files.createTempDirectory("lamina-run");
    try {
      Files.write(bundle.resolve(Bundles.CONFIG), config);
      return run(state, image, container, bundle, program);
    } finally {
      Files.deleteIfExists(bundle.resolve(Bundles.CONFIG));
      Files.deleteIfExists(bundle.resolve(Bundles.ROOT));
      Files.deleteIfExists(bundle);
    }
  }

  private int run(State state, StoredImage image, String container, Path bundle, OciRuntime program)
      throws IOException, CommandFailure {
    int[] status = {ExitStatus.FAILED};
    Path root = Files.createDirectory(bundle.resolve(Bundles.ROOT));
    boolean input = interactive || process.terminal();
    try {
      new ContainerMount(state, lamina.invocation(), image, container, readOnly)
          .run(
              root,
              (made, mount) -> {
                status[0] = program.run(bundle, made.name(), input);
                mount.close();
              });
    } finally {
      if (remove && state.containers().find(container).isPresent()) {
        state.containers().removeUnused(container);
      }
    }
    return status[0];
  }
}
