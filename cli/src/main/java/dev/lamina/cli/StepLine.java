package dev.lamina.cli;

import dev.lamina.linux.Terminals;

/** Says on a terminal what a long command is at, in one line that goes again; elsewhere nothing. */
final class StepLine implements AutoCloseable {
  private static final int STANDARD_ERROR = 2;
  private static final String ERASE = "\r\033[K";

  private final boolean shown = Terminals.isTerminal(STANDARD_ERROR);

  /** What is next: a few words, without a line's end. */
  void say(String step) {
    if (shown) {
      System.err.print(ERASE + step + "...");
    }
  }

  @Override
  public void close() {
    if (shown) {
      System.err.print(ERASE);
    }
  }
}
