package dev.lamina.cli;

import dev.lamina.fuse.FuseMount;
import dev.lamina.fuse.StaleMounts;
import dev.lamina.linux.MountTable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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
  private static final Duration SERVER_PATIENCE = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(10);

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
    container = state.containers().mountedOn(directory);
    Optional<MountTable.Entry> mount = MountTable.at(directory);
    if (mount.isEmpty() || !mount.get().type().startsWith("fuse")) {
      clearRecord(state, container);
      throw new CommandFailure(ExitStatus.NOT_FOUND, "nothing of ours is mounted on " + directory);
    }
    if (StaleMounts.clear(directory)) {
      System.err.println("lamina umount: the server of " + directory + " had died; cleared");
    } else {
      FuseMount.unmount(directory, lazy);
    }
    if (container.isPresent()) {
      awaitEnd(state.containers(), container.get());
    }
    clearRecord(state, container);
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

  private static void awaitEnd(Containers containers, Container mounted)
      throws InterruptedException, CommandFailure, IOException {
    // ProcessHandle.onExit asks ever more rarely about what is no child: seconds too late.
    long deadline = System.nanoTime() + SERVER_PATIENCE.toNanos();
    while (isServed(containers, mounted)) {
      if (System.nanoTime() > deadline) {
        throw new CommandFailure(
            ExitStatus.BUSY,
            "unmounted, but its server (pid " + mounted.server() + ") has not ended yet");
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  /** A server of many mounts does not end; that it has put one away shows in the record. */
  private static boolean isServed(Containers containers, Container mounted) throws IOException {
    return Servers.isRunning(mounted.server())
        && (!mounted.shared() || containers.find(mounted.name()).equals(Optional.of(mounted)));
  }

  /** A server that died could not note its own end. */
  private static void clearRecord(State state, Optional<Container> container) throws IOException {
    if (container.isEmpty()) {
      return;
    }
    Optional<Container> now = state.containers().find(container.get().name());
    if (now.isPresent() && !Servers.isRunning(now.get().server())) {
      if (now.get().readOnly()) {
        state.containers().remove(now.get().name());
      } else {
        state.containers().save(now.get().unmounted());
      }
    }
  }
}
