package dev.lamina.inspect.layers;

import dev.lamina.store.StoredImage;
import dev.lamina.store.StoredLayer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.IntConsumer;

/**
 * What the layers of an image do and waste.
 *
 * @param layers bottom first
 * @param efficiency dive's score from 0 to 1, see {@link Efficiency}
 * @param wasted dive's wasted bytes: of all paths that occur in more than one layer
 * @param hidden bytes that layers hold and the image does not show
 * @param worst the paths that waste most, the worst first
 * @param largest the largest files that the image shows, the largest first
 */
public record ImageAnalysis(
    List<LayerSummary> layers,
    double efficiency,
    long wasted,
    long hidden,
    List<WastedPath> worst,
    List<LargeFile> largest) {
  /** How much detail is wanted. */
  public record Detail(int worst, int largest, int nodes) {}

  /** Nodes of the pictures that any layer gets. */
  private static final int FEWEST_NODES = 24;

  /** Bytes of all layers, hard links counted once in each. */
  public long bytes() {
    return layers.stream().mapToLong(LayerSummary::bytes).sum();
  }

  /**
   * Reads all layers of {@code image}.
   *
   * @param detail how many paths to name and how many nodes the pictures of all layers have
   * @param progress told the number of each layer, the bottommost's 1, before it is read
   */
  public static ImageAnalysis of(StoredImage image, Detail detail, IntConsumer progress)
      throws IOException {
    List<StoredLayer> layers = image.layers();
    int nodes = Math.max(FEWEST_NODES, detail.nodes() / Math.max(1, layers.size()));
    PathTree paths = new PathTree();
    VisibleTree visible = new VisibleTree(paths);
    Efficiency efficiency = new Efficiency(paths);
    SizeMaps maps = new SizeMaps(paths, nodes);
    List<LayerReading> readings = new ArrayList<>();
    List<SizeNode> pictures = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      progress.accept(i + 1);
      LayerReading reading = new LayerReading(i, paths, visible, efficiency, maps);
      reading.read(layers.get(layers.size() - 1 - i));
      readings.add(reading);
      pictures.add(maps.draw(i));
    }
    long[] shown = new long[layers.size()];
    List<LargeFile> largest = show(paths, visible, maps, shown, detail.largest());
    List<LayerSummary> summaries = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      StoredLayer layer = layers.get(layers.size() - 1 - i);
      summaries.add(readings.get(i).summary(layer, shown[i], pictures.get(i)));
    }
    return new ImageAnalysis(
        List.copyOf(summaries),
        efficiency.score(),
        efficiency.wasted(),
        summaries.stream().mapToLong(LayerSummary::hidden).sum(),
        efficiency.worst(detail.worst()),
        largest);
  }

  /** Goes through all files that show in the end; their bytes by layer into {@code shown}. */
  private static List<LargeFile> show(
      PathTree paths, VisibleTree visible, SizeMaps maps, long[] shown, int limit) {
    PriorityQueue<Integer> largest =
        new PriorityQueue<>(
            Comparator.<Integer>comparingLong(visible::size)
                .thenComparing(path -> path, Comparator.reverseOrder()));
    for (int path = 1; path < paths.size(); path++) {
      if (visible.isVisible(path) && visible.size(path) > 0) {
        shown[visible.layer(path)] += visible.size(path);
        maps.show(visible.layer(path), path, visible.size(path));
        largest.add(path);
        if (largest.size() > limit) {
          largest.remove();
        }
      }
    }
    List<LargeFile> list = new ArrayList<>();
    while (!largest.isEmpty()) {
      int path = largest.remove();
      list.add(0, new LargeFile(paths.path(path), visible.size(path), visible.layer(path) + 1));
    }
    return list;
  }
}
