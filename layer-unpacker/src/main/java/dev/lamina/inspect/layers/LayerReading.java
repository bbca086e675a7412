package dev.lamina.inspect.layers;

import dev.lamina.inspect.layers.VisibleTree.Effect;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.Change;
import dev.lamina.store.StoredLayer;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** Reads one layer into what is known of the layers below, and counts. */
final class LayerReading {
  private final int layer;
  private final PathTree paths;
  private final VisibleTree visible;
  private final Efficiency efficiency;
  private final SizeMaps maps;

  private final Count added = new Count();
  private final Count changed = new Count();
  private final Count deleted = new Count();
  private final LargestChanges largest;
  private final Set<Long> linked = new HashSet<>();
  private long files;
  private long directories;
  private long bytes;

  /** The paths of the directories from the root to where the walk stands. */
  private int[] way = new int[64];

  /** A directory in which nothing was seen yet, and how deep it is. */
  private int open = PathTree.NONE;

  private int openDepth;

  LayerReading(
      int layer, PathTree paths, VisibleTree visible, Efficiency efficiency, SizeMaps maps) {
    this.layer = layer;
    this.paths = paths;
    this.visible = visible;
    this.efficiency = efficiency;
    this.maps = maps;
    this.largest = new LargestChanges(paths);
  }

  void read(StoredLayer stored) throws IOException {
    try (LayerWalk walk = LayerWalk.of(stored)) {
      while (walk.next()) {
        int depth = walk.depth();
        closeEmpty(depth);
        int path = paths.child(way[depth - 1], walk.name());
        if (walk.isDeletion()) {
          delete(path);
        } else if (walk.stat().isDirectory()) {
          enter(path, depth, walk);
        } else {
          file(path, walk.stat());
        }
      }
      closeEmpty(0);
    }
  }

  /** An empty directory is a leaf, as a file is. */
  private void closeEmpty(int depth) {
    if (open != PathTree.NONE && depth <= openDepth) {
      efficiency.add(open, 0);
    }
    open = PathTree.NONE;
  }

  private void delete(int path) {
    if (!visible.isVisible(path)) {
      return;
    }
    boolean directory = visible.isDirectory(path);
    long before = deleted.bytes();
    visible.remove(path, layer, deleted);
    long removed = deleted.bytes() - before;
    largest.add(Change.Kind.DELETED, path, removed);
    efficiency.add(path, directory ? removed : 0);
  }

  private void enter(int path, int depth, LayerWalk walk) {
    directories++;
    if (walk.isOpaque() && visible.isVisible(path)) {
      long before = deleted.bytes();
      visible.removeChildren(path, layer, deleted);
      long removed = deleted.bytes() - before;
      if (removed > 0) {
        largest.add(Change.Kind.DELETED, path, removed);
        efficiency.add(path, removed);
      }
    }
    count(visible.put(path, layer, walk.stat(), 0, deleted), path, 0);
    if (depth == way.length) {
      way = Arrays.copyOf(way, depth * 2);
    }
    way[depth] = path;
    open = path;
    openDepth = depth;
  }

  private void file(int path, Stat stat) {
    boolean first = stat.nlink < 2 || linked.add(stat.ino);
    long size = stat.isRegular() && first ? stat.size : 0;
    files++;
    bytes += size;
    count(visible.put(path, layer, stat, size, deleted), path, size);
    efficiency.add(path, size);
    maps.add(layer, path, size);
  }

  private void count(Effect effect, int path, long size) {
    switch (effect) {
      case ADDED -> {
        added.add(size);
        largest.add(Change.Kind.ADDED, path, size);
      }
      case CHANGED -> {
        changed.add(size);
        largest.add(Change.Kind.CHANGED, path, size);
      }
      case SAME -> {}
    }
  }

  /** The result, when all layers have been read. */
  LayerSummary summary(StoredLayer stored, long shown, SizeNode map) {
    return new LayerSummary(
        layer + 1,
        stored,
        files,
        directories,
        bytes,
        added.tally(),
        changed.tally(),
        deleted.tally(),
        bytes - shown,
        largest.list(),
        map);
  }
}
