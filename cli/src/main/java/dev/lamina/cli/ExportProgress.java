package dev.lamina.cli;

import dev.lamina.inspect.Sizes;
import dev.lamina.inspect.TreeExport;
import dev.lamina.linux.Name;
import dev.lamina.linux.Terminals;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows on a terminal how an export goes on; elsewhere one line in the end. */
final class ExportProgress implements TreeExport.Progress, AutoCloseable {
  private static final int STANDARD_ERROR = 2;
  private static final int WIDTH = 80;
  private static final long MEBIBYTE = 1 << 20;

  /** Null where nobody watches. */
  private final ProgressBar bar;

  private long objects;
  private long bytes;

  private ExportProgress(ProgressBar bar) {
    this.bar = bar;
  }

  static ExportProgress onStandardError() {
    if (!Terminals.isTerminal(STANDARD_ERROR)) {
      return new ExportProgress(null);
    }
    return new ExportProgress(
        new ProgressBarBuilder()
            .setTaskName("exporting")
            .setInitialMax(-1)
            .setUnit(" MiB", MEBIBYTE)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(100)
            .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
            .build());
  }

  @Override
  public void advanced(long more) {
    objects++;
    bytes += more;
    if (bar != null) {
      bar.stepBy(more);
    }
  }

  @Override
  public void leftOut(byte[] path) {
    System.err.println("left out, a socket: /" + Name.printable(path));
  }

  /** All was written. */
  void done() {
    if (bar == null) {
      System.err.println("exported " + objects + " objects, " + Sizes.text(bytes));
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
