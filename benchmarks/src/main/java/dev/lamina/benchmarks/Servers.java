package dev.lamina.benchmarks;

import java.util.List;

/** The processes that serve a mount, known by the upper in their command line. */
final class Servers {
  private static final int LOOK_MILLIS = 5;

  private Servers() {}

  static List<ProcessHandle> of(Stack stack) {
    String upper = stack.upper().toString();
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains(upper))
        .toList();
  }

  /** A server goes on for a moment; what it still does is not to disturb who comes next. */
  static void awaitEnd(Stack stack) throws InterruptedException {
    while (!of(stack).isEmpty()) {
      Thread.sleep(LOOK_MILLIS);
    }
  }
}
