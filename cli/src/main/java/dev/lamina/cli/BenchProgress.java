package dev.lamina.cli;

import dev.lamina.benchmarks.Comparison;
import dev.lamina.benchmarks.curve.Against;
import dev.lamina.benchmarks.curve.PromotionCurves;
import dev.lamina.linux.Terminals;
import java.io.PrintStream;
import java.util.Objects;

/** Says where a comparison is: in one line on a terminal, a line per round and system elsewhere. */
final class BenchProgress implements Comparison.Progress, PromotionCurves.Progress, AutoCloseable {
  private static final int STANDARD_ERROR = 2;
  private static final String ERASE_LINE = "\r\033[K";

  private final PrintStream err = System.err;
  private final boolean terminal = Terminals.isTerminal(STANDARD_ERROR);
  private String said = "";

  @Override
  public void preparing() {
    say("making data", "");
  }

  @Override
  public void running(int round, String contender, String workload) {
    say("round " + round + ", " + contender, ": " + workload);
  }

  @Override
  public void writing(String fileSystem, int round, Against against, long at, String system) {
    say(
        "first writes on " + fileSystem + ", by " + against.title() + ", round " + round,
        ": " + at + " " + against.unit() + ", " + system);
  }

  private void say(String what, String detail) {
    if (terminal) {
      err.print(ERASE_LINE + what + detail);
    } else if (!Objects.equals(what, said)) {
      err.println(what);
    }
    said = what;
  }

  @Override
  public void close() {
    if (terminal && !said.isEmpty()) {
      err.print(ERASE_LINE);
      said = "";
    }
  }
}
