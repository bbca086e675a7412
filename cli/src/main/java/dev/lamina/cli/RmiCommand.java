package dev.lamina.cli;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageName;
import dev.lamina.store.Removal;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code lamina rmi}: removes names, and images that have none left. */
@Command(
    name = "rmi",
    mixinStandardHelpOptions = true,
    description = {
      "Remove an image's name, and with the last one the image and what no other has.",
      "An image that a container or a mount uses stays, unless --force is given."
    })
final class RmiCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Spec private CommandSpec spec;

  @Option(
      names = {"-f", "--force"},
      description =
          "also an image that is used (its data go when that has ended, with lamina gc), and all"
              + " names of one that is given by id or digest")
  private boolean force;

  @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "a name, digest or id")
  private List<String> images;

  /** Goes on after a failure, as docker and podman do; the status is the first one's. */
  @Override
  public Integer call() throws Exception {
    State state = lamina.state();
    int status = ExitStatus.OK;
    for (String image : images) {
      try {
        print(state.store().remove(image, force, state.containers()));
      } catch (ImageException e) {
        CommandLine line = spec.commandLine();
        line.getErr().println(spec.qualifiedName() + ": " + e.getMessage());
        status = status == ExitStatus.OK ? CommandLines.status(e) : status;
      }
    }
    return status;
  }

  private static void print(Removal removal) {
    for (ImageName name : removal.untagged()) {
      System.out.println("Untagged: " + name);
    }
    removal.image().ifPresent(id -> System.out.println("Deleted: " + id));
    for (Digest layer : removal.layers()) {
      System.out.println("Deleted: " + layer);
    }
  }
}
