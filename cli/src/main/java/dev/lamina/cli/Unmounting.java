package dev.lamina.cli;

import dev.lamina.fuse.FuseMount;
import dev.lamina.fuse.StaleMounts;
import dev.lamina.linux.MountTable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Ends mounts, and waits until their servers have put everything away. */
final class Unmounting {
  private static final Duration SERVER_PATIENCE = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(10);

  private final Containers containers;

  Unmounting(Containers containers) {
    this.containers = containers;
  }

  /**
   * Unmounts what is on {@code directory}, a mount whose server has died as well.
   *
   * @param lazy out of sight at once, even while programs use it
   * @return false where there is no mount of ours; a record that says otherwise is put right
   */
  boolean unmount(Path directory, boolean lazy)
      throws IOException, InterruptedException, CommandFailure {
    Optional<Container> container = containers.mountedOn(directory);
    Optional<MountTable.Entry> mount = MountTable.at(directory);
    if (mount.isEmpty() || !mount.get().type().startsWith("fuse")) {
      clearRecord(container);
      return false;
    }
    return unmount(directory, container, lazy);
  }

  /**
   * As {@link #unmount(Path, boolean)} where the record says that {@code container} is mounted.
   * What is mounted there by now may be another: that one stays.
   */
  boolean unmount(Container container, boolean lazy)
      throws IOException, InterruptedException, CommandFailure {
    Path directory = Path.of(container.mountPoint());
    Optional<MountTable.Entry> mount = MountTable.at(directory);
    if (mount.isEmpty() || !mount.get().source().equals(container.mountSource())) {
      clearRecord(Optional.of(container));
      return false;
    }
    return unmount(directory, Optional.of(container), lazy);
  }

  private boolean unmount(Path directory, Optional<Container> container, boolean lazy)
      throws IOException, InterruptedException, CommandFailure {
    if (StaleMounts.clear(directory)) {
      System.err.println("lamina: the server of " + directory + " had died; cleared");
    } else {
      FuseMount.unmount(directory, lazy);
    }
    if (container.isPresent()) {
      awaitEnd(container.get());
    }
    clearRecord(container);
    return true;
  }

  private void awaitEnd(Container mounted)
      throws InterruptedException, CommandFailure, IOException {
    // ProcessHandle.onExit asks ever more rarely about what is no child: seconds too late.
    long deadline = System.nanoTime() + SERVER_PATIENCE.toNanos();
    while (isServed(mounted)) {
      if (System.nanoTime() > deadline) {
        throw new CommandFailure(
            ExitStatus.BUSY,
            "unmounted, but its server (pid " + mounted.server() + ") has not ended yet");
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  /** A server of many mounts does not end; that it has put one away shows in the record. */
  private boolean isServed(Container mounted) throws IOException {
    return Servers.isRunning(mounted.server())
        && (!mounted.shared() || containers.find(mounted.name()).equals(Optional.of(mounted)));
  }

  /** A server that died could not note its own end. */
  private void clearRecord(Optional<Container> container) throws IOException {
    if (container.isEmpty()) {
      return;
    }
    Optional<Container> now = containers.find(container.get().name());
    if (now.isPresent() && !Servers.isRunning(now.get().server())) {
      if (now.get().readOnly()) {
        containers.remove(now.get().name());
      } else {
        containers.save(now.get().unmounted());
      }
    }
  }
}
