package dev.lamina.cli;

import dev.lamina.linux.Terminals;
import java.util.function.IntConsumer;

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

  /** Says which of so many layers is being read, counted from 1. */
  IntConsumer readingLayers(int count) {
    return layer -> say("reading layer " + layer + "/" + count);
  }

  @Override
  public void close() {
    if (shown) {
      System.err.print(ERASE);
    }
  }
}
