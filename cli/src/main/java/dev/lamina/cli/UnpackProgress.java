package dev.lamina.cli;

import dev.lamina.image.LayerBlob;
import dev.lamina.linux.Terminals;
import dev.lamina.store.ProgressListener;
import java.io.PrintStream;
import java.util.List;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how unpacking goes on: a bar on a terminal, a line per layer elsewhere. Thread-safe. */
final class UnpackProgress implements ProgressListener, AutoCloseable {
  private static final int STANDARD_ERROR = 2;
  private static final int WIDTH = 80;
  private static final int SHORT_DIGEST = 12;
  private static final long MEBIBYTE = 1 << 20;

  private final List<LayerBlob> layers;
  private final PrintStream err;

  /** Null where lines are printed. */
  private final ProgressBar bar;

  private int done;

  private UnpackProgress(List<LayerBlob> layers, PrintStream err, ProgressBar bar) {
    this.layers = layers;
    this.err = err;
    this.bar = bar;
  }

  static UnpackProgress onStandardError(List<LayerBlob> layers) {
    ProgressBar bar = Terminals.isTerminal(STANDARD_ERROR) ? bar(layers) : null;
    return new UnpackProgress(layers, System.err, bar);
  }

  private static ProgressBar bar(List<LayerBlob> layers) {
    return new ProgressBarBuilder()
        .setTaskName("unpacking")
        .setInitialMax(layers.stream().mapToLong(LayerBlob::size).sum())
        .setUnit(" MiB", MEBIBYTE)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(100)
        .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
        .build();
  }

  @Override
  public synchronized void shared(LayerBlob layer) {
    advanced(layer, layer.size());
    print(layer, "already in the store");
  }

  @Override
  public void advanced(LayerBlob layer, long bytes) {
    if (bar != null) {
      bar.stepBy(bytes);
    }
  }

  @Override
  public synchronized void finished(LayerBlob layer) {
    print(layer, "unpacked");
  }

  private void print(LayerBlob layer, String what) {
    done++;
    if (bar == null) {
      String digest = layer.diffId().hex().substring(0, SHORT_DIGEST);
      err.println("layer " + done + "/" + layers.size() + " " + digest + " " + what);
    } else {
      bar.setExtraMessage("layer " + done + "/" + layers.size());
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
