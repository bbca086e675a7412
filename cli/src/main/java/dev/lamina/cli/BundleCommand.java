package dev.lamina.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina bundle}: a container that an OCI runtime can start. */
@Command(
    name = "bundle",
    mixinStandardHelpOptions = true,
    description = {
      "Write an OCI runtime bundle, its root filesystem mounted, and print the container's name.",
      "It is started with: runc run -b DIR ID",
      "and put away with: lamina umount NAME; lamina rm NAME"
    })
final class BundleCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Mixin private NewRun container;

  @Parameters(index = "0", paramLabel = "IMAGE", description = PlatformOption.IMAGE)
  private String imageText;

  @Parameters(
      index = "1",
      paramLabel = "DIR",
      description = "for " + Bundles.CONFIG + " and " + Bundles.ROOT + "; made if it is not there")
  private Path directory;

  @Parameters(
      index = "2..*",
      paramLabel = "WORD",
      description = "the command, in the place of the image's")
  private List<String> command = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    mount(container.plan(lamina, imageText, command));
    return ExitStatus.OK;
  }

  /** Somebody's own is not replaced. */
  private static void write(Path file, String config) throws IOException, CommandFailure {
    try {
      Files.writeString(file, config, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      throw new CommandFailure(ExitStatus.FAILED, file + " is there already");
    }
  }

  private void mount(NewRun.Plan plan) throws IOException, CommandFailure {
    Path bundle = MountPoints.absolute(lamina.invocation().path(directory));
    Path root = Files.createDirectories(bundle.resolve(Bundles.ROOT));
    MountPoints.requireUsable(lamina.invocation(), root);
    Path file = bundle.resolve(Bundles.CONFIG);
    write(file, plan.config());
    boolean[] mounted = new boolean[1];
    try {
      plan.mount(
          lamina.invocation(),
          root,
          (made, mount) -> {
            mounted[0] = true;
            System.out.println(made.name());
          });
    } finally {
      if (!mounted[0]) {
        Files.deleteIfExists(file);
      }
    }
  }
}
