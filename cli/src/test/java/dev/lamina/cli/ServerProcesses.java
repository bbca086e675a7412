package dev.lamina.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds the servers that tests leave behind their launchers, by their command lines. */
final class ServerProcesses {
  private ServerProcesses() {}

  /** Processes of Lamina that were told of {@code path} or something below it. */
  static List<Long> of(Path path) throws IOException {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .map(process -> process.getFileName().toString())
          .filter(name -> name.matches("\\d+"))
          .map(Long::parseLong)
          .filter(pid -> isServer(pid, path) && Servers.isRunning(pid))
          .toList();
    }
  }

  private static boolean isServer(long pid, Path path) {
    try {
      byte[] arguments = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "cmdline"));
      String line = new String(arguments, StandardCharsets.UTF_8);
      return line.contains("\0dev.lamina.cli.") && line.contains(path.toString());
    } catch (IOException e) {
      return false;
    }
  }
}
