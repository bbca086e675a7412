package dev.lamina.benchmarks;

import java.util.List;

/** The processes that serve a mount, known by the upper in their command line. */
final class Servers {
  private Servers() {}

  static List<ProcessHandle> of(Stack stack) {
    String upper = "upperdir=" + stack.upper();
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains(upper))
        .toList();
  }
}
