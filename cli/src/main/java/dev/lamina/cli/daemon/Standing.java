package dev.lamina.cli.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What decides how a process sees the filesystem and what it may do there. A daemon acts only for
 * those that stand where it stands: for others paths mean something else, or it could do what they
 * cannot.
 *
 * @param mounts its mount namespace
 * @param users its user namespace
 * @param root its root directory, as this process names it
 * @param rights the lines of {@code /proc/PID/status} on ids, capabilities and sandboxes
 */
record Standing(String mounts, String users, String root, List<String> rights) {
  private static final List<String> RIGHTS =
      List.of("Uid:", "Gid:", "Groups:", "CapEff:", "NoNewPrivs:", "Seccomp:");

  /**
   * Of a living process.
   *
   * @throws IOException if it has ended, or is not to be looked at
   */
  static Standing of(String process) throws IOException {
    Path directory = Path.of("/proc", process);
    return new Standing(
        Files.readSymbolicLink(directory.resolve("ns/mnt")).toString(),
        Files.readSymbolicLink(directory.resolve("ns/user")).toString(),
        Files.readSymbolicLink(directory.resolve("root")).toString(),
        Files.readAllLines(directory.resolve("status")).stream()
            .filter(line -> RIGHTS.stream().anyMatch(line::startsWith))
            .toList());
  }
}
