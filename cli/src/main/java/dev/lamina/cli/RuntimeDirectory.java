package dev.lamina.cli;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Identity;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The directory of the sockets of daemons and mounts, which nobody but its owner can enter. The
 * launcher decides where it is, as it has to look there first, and says so in {@code
 * LAMINA_RUNTIME_DIR}.
 */
final class RuntimeDirectory {
  /** Where the launcher says it is; not set where there is no place for one. */
  static final String VARIABLE = "LAMINA_RUNTIME_DIR";

  private static final int MODE = 0700;

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
    Name name = Name.of(directory.toString());
    try {
      At.mkdir(At.FDCWD, name, MODE);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e.about(directory);
      }
      requireOwn(directory, name);
    }
    return directory;
  }

  private static void requireOwn(Path directory, Name name) throws ErrnoException, CommandFailure {
    Stat is = new Stat();
    boolean own =
        At.stat(At.FDCWD, name, is)
            && is.isDirectory()
            && is.uid == Identity.processUid()
            && (is.mode & FileMode.PERMISSIONS) == MODE;
    if (!own) {
      throw new CommandFailure(
          ExitStatus.FAILED, directory + " has to be a directory of your own, mode 0700");
    }
  }
}
