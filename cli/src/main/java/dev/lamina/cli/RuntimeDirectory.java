package dev.lamina.cli;

import dev.lamina.linux.Identity;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;

/**
 * The directory of the sockets of daemons and mounts, which nobody but its owner can enter. The
 * launcher decides where it is, as it has to look there first, and says so in {@code
 * LAMINA_RUNTIME_DIR}.
 */
final class RuntimeDirectory {
  /** Where the launcher says it is; not set where there is no place for one. */
  static final String VARIABLE = "LAMINA_RUNTIME_DIR";

  private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rwx------");

  private RuntimeDirectory() {}

  /** Makes it where it is missing. */
  static Path of(Invocation invocation) throws IOException, CommandFailure {
    Path directory =
        invocation
            .variable(VARIABLE)
            .map(Path::of)
            .map(invocation::path)
            .orElseThrow(
                () ->
                    new CommandFailure(
                        ExitStatus.FAILED,
                        "no place for the sockets of servers: neither XDG_RUNTIME_DIR nor"
                            + " LAMINA_RUNTIME_DIR is set"));
    try {
      Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(MODE));
    } catch (FileAlreadyExistsException e) {
      requireOwn(directory);
    }
    return directory;
  }

  private static void requireOwn(Path directory) throws IOException, CommandFailure {
    Map<String, Object> is =
        Files.readAttributes(
            directory, "unix:isDirectory,uid,permissions", LinkOption.NOFOLLOW_LINKS);
    boolean own =
        Boolean.TRUE.equals(is.get("isDirectory"))
            && is.get("uid").equals(Identity.processUid())
            && is.get("permissions").equals(MODE);
    if (!own) {
      throw new CommandFailure(
          ExitStatus.FAILED, directory + " has to be a directory of your own, mode 0700");
    }
  }
}
