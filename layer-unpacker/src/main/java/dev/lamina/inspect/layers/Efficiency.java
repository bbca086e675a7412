package dev.lamina.inspect.layers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * How much of what the layers hold is needed, by dive's formula, so that figures can be compared:
 * for each path that is a leaf of a layer's tree (a file, an empty directory, a deletion) the
 * smallest of its sizes, over all of its sizes. The deletion of a file counts 0 bytes, that of a
 * directory what it removes. Wasted are all bytes of the paths that occur more than once.
 */
final class Efficiency {
  private final PathTree paths;
  private short[] occurrences = new short[0];
  private long[] all = new long[0];
  private long[] smallest = new long[0];

  Efficiency(PathTree paths) {
    this.paths = paths;
  }

  /** One layer has a leaf of that size at {@code path}. */
  void add(int path, long size) {
    if (path >= all.length) {
      int length = Math.max(paths.size(), PathTree.grown(all.length));
      occurrences = Arrays.copyOf(occurrences, length);
      all = Arrays.copyOf(all, length);
      smallest = Arrays.copyOf(smallest, length);
    }
    smallest[path] = occurrences[path] == 0 ? size : Math.min(smallest[path], size);
    all[path] += size;
    occurrences[path]++;
  }

  /** From 0 to 1; 1 where there is nothing. */
  double score() {
    long needed = 0;
    long held = 0;
    for (int path = 0; path < all.length; path++) {
      needed += smallest[path];
      held += all[path];
    }
    return held == 0 ? 1 : (double) needed / held;
  }

  /** Bytes of all paths that occur more than once. */
  long wasted() {
    long wasted = 0;
    for (int path = 0; path < all.length; path++) {
      wasted += occurrences[path] > 1 ? all[path] : 0;
    }
    return wasted;
  }

  /** The paths that waste most, at most {@code limit}; none that waste nothing. */
  List<WastedPath> worst(int limit) {
    Comparator<Integer> order =
        Comparator.<Integer>comparingLong(path -> all[path])
            .thenComparing(path -> path, Comparator.reverseOrder());
    PriorityQueue<Integer> worst = new PriorityQueue<>(order);
    for (int path = 0; path < all.length; path++) {
      if (occurrences[path] > 1 && all[path] > 0) {
        worst.add(path);
        if (worst.size() > limit) {
          worst.remove();
        }
      }
    }
    List<WastedPath> list = new ArrayList<>();
    while (!worst.isEmpty()) {
      int path = worst.remove();
      list.add(0, new WastedPath(paths.path(path), occurrences[path], all[path]));
    }
    return list;
  }
}
