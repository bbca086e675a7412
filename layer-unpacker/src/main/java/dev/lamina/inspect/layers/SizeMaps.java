package dev.lamina.inspect.layers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Draws one {@link SizeNode} tree per layer, of a bounded number of nodes however many files there
 * are: the largest directories are opened first, and what is small stays in its directory's sum.
 */
final class SizeMaps {
  /** What has less than this part of its layer is not seen in a picture. */
  private static final int SMALLEST_PART = 1000;

  /** Nobody opens a picture deeper; programs that read it by recursion must not overflow. */
  private static final int DEEPEST = 64;

  private final PathTree paths;
  private final int nodesPerLayer;

  /** Of the layer that is being read: bytes and files at and below each path that it has. */
  private long[] bytes = new long[0];

  private int[] files = new int[0];
  private short[] stamps = new short[0];

  private final Map<Long, SizeNode> nodes = new HashMap<>();

  SizeMaps(PathTree paths, int nodesPerLayer) {
    this.paths = paths;
    this.nodesPerLayer = nodesPerLayer;
  }

  /** Layer {@code layer} has {@code size} bytes in a file at {@code path}. */
  void add(int layer, int path, long size) {
    for (int at = path; at != PathTree.NONE; at = paths.parent(at)) {
      stamp(layer, at);
      bytes[at] += size;
      files[at]++;
    }
  }

  private void stamp(int layer, int path) {
    if (path >= bytes.length) {
      int length = Math.max(paths.size(), PathTree.grown(bytes.length));
      bytes = Arrays.copyOf(bytes, length);
      files = Arrays.copyOf(files, length);
      stamps = Arrays.copyOf(stamps, length);
    }
    // 0 is nobody's.
    if (stamps[path] != (short) (layer + 1)) {
      stamps[path] = (short) (layer + 1);
      bytes[path] = 0;
      files[path] = 0;
    }
  }

  private boolean has(int layer, int path) {
    return path < stamps.length && stamps[path] == (short) (layer + 1);
  }

  /** The picture of a layer that was read to its end, before the next one is. */
  SizeNode draw(int layer) {
    stamp(layer, PathTree.ROOT);
    SizeNode root = node(layer, PathTree.ROOT);
    long smallest = Math.max(1, bytes[PathTree.ROOT] / SMALLEST_PART);
    PriorityQueue<Integer> closed =
        new PriorityQueue<>(Comparator.comparingLong((Integer path) -> -bytes[path]));
    closed.add(PathTree.ROOT);
    int drawn = 1;
    while (!closed.isEmpty() && drawn < nodesPerLayer) {
      int directory = closed.remove();
      SizeNode parent = nodes.get(key(layer, directory));
      for (int child : largest(layer, directory, smallest, nodesPerLayer - drawn)) {
        parent.add(node(layer, child));
        drawn++;
        if (depth(child) < DEEPEST) {
          closed.add(child);
        }
      }
    }
    return root;
  }

  private int depth(int path) {
    int depth = 0;
    for (int at = path; at != PathTree.ROOT; at = paths.parent(at)) {
      depth++;
    }
    return depth;
  }

  private List<Integer> largest(int layer, int directory, long smallest, int limit) {
    List<Integer> children = new ArrayList<>();
    for (int c = paths.firstChild(directory); c != PathTree.NONE; c = paths.nextSibling(c)) {
      if (has(layer, c) && bytes[c] >= smallest) {
        children.add(c);
      }
    }
    children.sort(
        Comparator.comparingLong((Integer path) -> -bytes[path])
            .thenComparing(paths::name, Arrays::compareUnsigned));
    return children.subList(0, Math.min(limit, children.size()));
  }

  private SizeNode node(int layer, int path) {
    boolean directory = path == PathTree.ROOT || hasChild(layer, path);
    SizeNode node = new SizeNode(paths.name(path), bytes[path], files[path], directory);
    nodes.put(key(layer, path), node);
    return node;
  }

  private boolean hasChild(int layer, int path) {
    for (int c = paths.firstChild(path); c != PathTree.NONE; c = paths.nextSibling(c)) {
      if (has(layer, c)) {
        return true;
      }
    }
    return false;
  }

  /** In the end, for each file that shows: which layer's it is. */
  void show(int layer, int path, long size) {
    for (int at = path; at != PathTree.NONE; at = paths.parent(at)) {
      SizeNode node = nodes.get(key(layer, at));
      if (node != null) {
        node.addShown(size);
      }
    }
  }

  private static long key(int layer, int path) {
    return ((long) layer << 32) | path;
  }
}
