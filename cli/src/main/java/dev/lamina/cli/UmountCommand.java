package dev.lamina.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina umount}: ends a mount and waits until its server has put everything away. */
@Command(
    name = "umount",
    mixinStandardHelpOptions = true,
    description = "Unmount a container. Its writable layer stays.")
final class UmountCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Option(
      names = {"-l", "--lazy"},
      description = "out of sight at once, even while programs use it")
  private boolean lazy;

  @Parameters(paramLabel = "DIR|NAME", description = "where it is mounted, or the container")
  private String target;

  @Override
  public Integer call() throws Exception {
    State state = lamina.state();
    Optional<Container> container = state.containers().find(target);
    Path directory = directory(container);
    Unmounting unmounting = new Unmounting(state.containers());
    boolean unmounted =
        container.isPresent()
            ? unmounting.unmount(container.get(), lazy)
            : unmounting.unmount(directory, lazy);
    if (!unmounted) {
      throw new CommandFailure(ExitStatus.NOT_FOUND, "nothing of ours is mounted on " + directory);
    }
    return ExitStatus.OK;
  }

  private Path directory(Optional<Container> container) throws CommandFailure {
    if (container.isEmpty()) {
      return MountPoints.absolute(lamina.invocation().path(Path.of(target)));
    }
    if (container.get().mountPoint() == null) {
      throw new CommandFailure(ExitStatus.NOT_FOUND, "container " + target + " is not mounted");
    }
    return Path.of(container.get().mountPoint());
  }
}
