package dev.lamina.cli;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code lamina rm}: containers, with what was written in them. */
@Command(
    name = "rm",
    mixinStandardHelpOptions = true,
    description = "Remove containers with their writable layers, and print their names.")
final class RmCommand implements Callable<Integer> {
  @ParentCommand private Lamina lamina;

  @Option(
      names = {"-f", "--force"},
      description = "unmount one that is mounted, even while programs use it; no error if absent")
  private boolean force;

  @Parameters(paramLabel = "NAME", arity = "1..*", description = "the containers")
  private List<String> names;

  @Override
  public Integer call() throws Exception {
    State state = lamina.state();
    int status = ExitStatus.OK;
    for (String name : names) {
      try {
        remove(state, name);
      } catch (CommandFailure e) {
        // The others are removed all the same, as podman does it.
        System.err.println("lamina rm: " + e.getMessage());
        status = e.status();
      } catch (IOException e) {
        System.err.println("lamina rm: " + name + ": " + e.getMessage());
        status = ExitStatus.FAILED;
      }
    }
    return status;
  }

  private void remove(State state, String name) throws Exception {
    Optional<Container> found = state.containers().find(name);
    if (found.isEmpty()) {
      if (!force) {
        throw new CommandFailure(ExitStatus.NOT_FOUND, "no container \"" + name + "\"");
      }
      return;
    }
    if (found.get().mountPoint() != null) {
      unmount(state, found.get());
    }
    // A read-only one has ended with its mount.
    if (state.containers().find(name).isPresent()) {
      removeUnused(state, name);
    }
    System.out.println(name);
  }

  private void unmount(State state, Container container) throws Exception {
    if (Servers.isRunning(container.server()) && !force) {
      throw new CommandFailure(
          ExitStatus.BUSY,
          "container "
              + container.name()
              + " is mounted on "
              + container.mountPoint()
              + " (lamina umount, or rm --force)");
    }
    new Unmounting(state.containers()).unmount(container, true);
  }

  /** Nobody may mount it meanwhile, nor go on with what its last mount left to do. */
  private static void removeUnused(State state, String name) throws IOException, CommandFailure {
    try {
      state.containers().removeUnused(name);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EBUSY) {
        throw new CommandFailure(ExitStatus.BUSY, "container " + name + " is in use");
      }
      throw e;
    }
  }
}
