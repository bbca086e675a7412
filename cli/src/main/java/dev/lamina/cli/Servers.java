package dev.lamina.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;

/** The processes that serve mounts. */
final class Servers {
  /** States of proc(5) in which nothing runs any more: zombie and dead. */
  private static final Set<String> ENDED = Set.of("Z", "X", "x");

  private Servers() {}

  /**
   * Whether {@code pid} still runs. One that ended counts as gone before its parent notices, but
   * not before its last thread has ended: until then its files are open and its locks held.
   */
  static boolean isRunning(long pid) {
    Path process = Path.of("/proc", Long.toString(pid));
    try {
      String stat = Files.readString(process.resolve("stat"));
      // "pid (name) state ...": the name may hold anything, so look behind its last parenthesis.
      String state = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 2)[0];
      return !ENDED.contains(state) || hasThreads(process);
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }

  /** Whether it has threads besides the first. */
  private static boolean hasThreads(Path process) throws IOException {
    try (Stream<Path> threads = Files.list(process.resolve("task"))) {
      return threads.count() > 1;
    }
  }
}
