package dev.lamina.cli;

import dev.lamina.linux.MountTable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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
    Path root = bundle.resolve(Bundles.ROOT);
    requireEmpty(bundle, root);
    boolean isNew = !Files.exists(bundle);
    boolean hasNewRoot = !Files.exists(root);
    Files.createDirectories(root);
    Path file = bundle.resolve(Bundles.CONFIG);
    boolean written = false;
    boolean[] mounted = new boolean[1];
    try {
      write(file, plan.config());
      written = true;
      plan.mount(
          lamina.invocation(),
          root,
          (made, mount) -> {
            mounted[0] = true;
            System.out.println(made.name());
          });
    } finally {
      if (!mounted[0]) {
        deleteIf(written, file);
        deleteIf(hasNewRoot, root);
        deleteIf(isNew, bundle);
      }
    }
  }

  private static void deleteIf(boolean made, Path file) throws IOException {
    if (made) {
      Files.deleteIfExists(file);
    }
  }

  /** What is there already is no part of the bundle, and might be hidden by its mount. */
  private void requireEmpty(Path bundle, Path root) throws IOException, CommandFailure {
    if (Files.exists(root)) {
      MountPoints.requireUsable(lamina.invocation(), root);
    }
    for (Path place : List.of(bundle, root)) {
      // A dead mount cannot be listed; it is cleared later.
      if (Files.isDirectory(place) && MountTable.at(place).isEmpty()) {
        try (Stream<Path> entries = Files.list(place)) {
          Optional<Path> other = entries.filter(entry -> !entry.equals(root)).findFirst();
          if (other.isPresent()) {
            throw new CommandFailure(ExitStatus.FAILED, other.get() + " is there already");
          }
        }
      }
    }
  }
}
