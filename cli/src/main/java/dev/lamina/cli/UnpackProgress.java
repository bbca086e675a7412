package dev.lamina.cli;

import dev.lamina.image.LayerBlob;
import dev.lamina.linux.Terminals;
import dev.lamina.registry.PushListener;
import dev.lamina.store.ProgressListener;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows how unpacking, or a push, goes on: a bar on a terminal, a line per layer elsewhere.
 * Thread-safe.
 */
final class UnpackProgress implements ProgressListener, PushListener, AutoCloseable {
  private static final int STANDARD_ERROR = 2;
  private static final int WIDTH = 80;
  private static final int SHORT_DIGEST = 12;
  private static final long MEBIBYTE = 1 << 20;

  private final List<LayerBlob> layers;
  private final PrintStream err;
  private final String doneWord;

  /** Null where lines are printed. */
  private final ProgressBar bar;

  private int done;

  private UnpackProgress(
      List<LayerBlob> layers, PrintStream err, String doneWord, ProgressBar bar) {
    this.layers = layers;
    this.err = err;
    this.doneWord = doneWord;
    this.bar = bar;
  }

  static UnpackProgress ofUnpacking(List<LayerBlob> layers, boolean quiet) {
    return onStandardError(layers, quiet, "unpacking", "unpacked");
  }

  static UnpackProgress ofPush(List<LayerBlob> layers, boolean quiet) {
    return onStandardError(layers, quiet, "pushing", "pushed");
  }

  private static UnpackProgress onStandardError(
      List<LayerBlob> layers, boolean quiet, String task, String doneWord) {
    if (quiet) {
      return new UnpackProgress(
          layers, new PrintStream(OutputStream.nullOutputStream()), doneWord, null);
    }
    ProgressBar bar = Terminals.isTerminal(STANDARD_ERROR) ? bar(layers, task) : null;
    return new UnpackProgress(layers, System.err, doneWord, bar);
  }

  private static long bytes(List<LayerBlob> layers) {
    return layers.stream().mapToLong(LayerBlob::size).sum();
  }

  private static ProgressBar bar(List<LayerBlob> layers, String task) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(bytes(layers))
        .setUnit(" MiB", MEBIBYTE)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(100)
        .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
        .build();
  }

  @Override
  public void begun(List<LayerBlob> pushed) {
    if (bar != null) {
      bar.maxHint(bytes(pushed));
    }
  }

  @Override
  public synchronized void shared(LayerBlob layer) {
    present(layer, "already in the store");
  }

  @Override
  public synchronized void present(LayerBlob layer, String how) {
    advanced(layer, layer.size());
    print(layer, how);
  }

  @Override
  public void advanced(LayerBlob layer, long bytes) {
    if (bar != null) {
      bar.stepBy(bytes);
    }
  }

  @Override
  public synchronized void finished(LayerBlob layer) {
    print(layer, doneWord);
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
