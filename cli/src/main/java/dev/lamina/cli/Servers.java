package dev.lamina.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** The processes that serve mounts. */
final class Servers {
  /** States of proc(5) in which nothing runs any more: zombie and dead. */
  private static final Set<String> ENDED = Set.of("Z", "X", "x");

  private Servers() {}

  /** Whether {@code pid} still runs. One that ended counts as gone before its parent notices. */
  static boolean isRunning(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      // "pid (name) state ...": the name may hold anything, so look behind its last parenthesis.
      String state = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 2)[0];
      return !ENDED.contains(state);
    } catch (IOException e) {
      return false;
    }
  }
}
