package dev.lamina.cli;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.MountTable;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the mount or the container that a user means. */
final class MountPoints {
  private MountPoints() {}

  /**
   * Fails early, before an image is unpacked, where the mount could not succeed.
   *
   * @param directory as the caller named it
   */
  static void requireUsable(Invocation invocation, Path directory)
      throws CommandFailure, IOException {
    Path full = invocation.path(directory);
    // A dead mount answers no question but lies in the mount table; it is cleared later.
    if (!Files.isDirectory(full) && MountTable.at(absolute(full)).isEmpty()) {
      throw new CommandFailure(
          ExitStatus.BAD_MOUNT_POINT,
          "mount point "
              + directory
              + (Files.exists(full) ? " is not a directory" : " does not exist"));
    }
  }

  /** Refuses a mount point whose own requests would reach back into the mount, or hide a layer. */
  static void requireOutsideLayers(OverlayOptions options, Path directory) throws CommandFailure {
    try {
      Overlay.requireMountPoint(options, directory);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ELOOP) {
        throw new CommandFailure(ExitStatus.BAD_MOUNT_POINT, e.getMessage());
      }
      // Whoever opens the layers and mounts tells of all else in better words.
    }
  }

  /** The container that {@code target} names or that is mounted there. */
  static Container container(State state, String target) throws IOException, CommandFailure {
    Optional<Container> found = state.containers().find(target);
    if (found.isEmpty()) {
      found = state.containers().mountedOn(absolute(Path.of(target)));
    }
    return found.orElseThrow(
        () ->
            new CommandFailure(
                ExitStatus.NOT_FOUND,
                "no container \"" + target + "\", and none is mounted on such a directory"));
  }

  /** The directory as the mount table names it; a dead mount cannot be asked for its own path. */
  static Path absolute(Path directory) {
    Path full = directory.toAbsolutePath().normalize();
    Path parent = full.getParent();
    if (parent == null) {
      return full;
    }
    try {
      return parent.toRealPath().resolve(full.getFileName());
    } catch (IOException e) {
      return full;
    }
  }
}
