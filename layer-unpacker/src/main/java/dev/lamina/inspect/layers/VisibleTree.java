package dev.lamina.inspect.layers;

import dev.lamina.linux.FileMode;
import dev.lamina.linux.Stat;
import java.util.Arrays;

/**
 * What the layers applied so far show, by the numbers of a {@link PathTree}: whose object stands at
 * each path and how large it is. Some 26 bytes a path.
 */
final class VisibleTree {
  /** What putting an object did to the path. */
  enum Effect {
    ADDED,
    CHANGED,
    /** A directory with the attributes that it had. */
    SAME
  }

  private static final short NOBODY = -1;

  private final PathTree paths;

  /** The layer whose object shows, or {@link #NOBODY}. */
  private short[] layers = new short[0];

  /** The layer that took away what showed before; tells a replacement from an addition. */
  private short[] goneIn = new short[0];

  private short[] modes = new short[0];
  private int[] uids = new int[0];
  private int[] gids = new int[0];
  private long[] sizes = new long[0];

  private int[] pending = new int[64];

  VisibleTree(PathTree paths) {
    this.paths = paths;
    reserve();
    layers[PathTree.ROOT] = 0;
    modes[PathTree.ROOT] = (short) FileMode.S_IFDIR;
  }

  private void reserve() {
    int old = layers.length;
    if (paths.size() <= old) {
      return;
    }
    int size = Math.max(paths.size(), PathTree.grown(old));
    layers = Arrays.copyOf(layers, size);
    goneIn = Arrays.copyOf(goneIn, size);
    modes = Arrays.copyOf(modes, size);
    uids = Arrays.copyOf(uids, size);
    gids = Arrays.copyOf(gids, size);
    sizes = Arrays.copyOf(sizes, size);
    Arrays.fill(layers, old, size, NOBODY);
    Arrays.fill(goneIn, old, size, NOBODY);
  }

  boolean isVisible(int path) {
    return path < layers.length && layers[path] != NOBODY;
  }

  boolean isDirectory(int path) {
    return FileMode.isDirectory(modes[path] & 0xffff);
  }

  /** The layer whose object shows at {@code path}. */
  int layer(int path) {
    return layers[path];
  }

  /** Bytes of the object that shows, or that showed last. */
  long size(int path) {
    return sizes[path];
  }

  /**
   * Layer {@code layer} has an object at {@code path}. What it replaces with all that was in it is
   * counted in {@code deleted}, but for the object in the same place.
   */
  Effect put(int path, int layer, Stat stat, long size, Count deleted) {
    reserve();
    Effect effect = Effect.CHANGED;
    if (isVisible(path)) {
      if (isDirectory(path) && stat.isDirectory()) {
        effect = hasAttributes(path, stat) ? Effect.SAME : Effect.CHANGED;
      } else if (isDirectory(path)) {
        removeChildren(path, layer, deleted);
      }
    } else if (goneIn[path] == layer) {
      deleted.takeBack(sizes[path]);
    } else {
      effect = Effect.ADDED;
    }
    layers[path] = (short) layer;
    modes[path] = (short) stat.mode;
    uids[path] = stat.uid;
    gids[path] = stat.gid;
    sizes[path] = size;
    return effect;
  }

  private boolean hasAttributes(int path, Stat stat) {
    return modes[path] == (short) stat.mode && uids[path] == stat.uid && gids[path] == stat.gid;
  }

  /** Layer {@code layer} deletes what shows at {@code path}, with all that is in it. */
  void remove(int path, int layer, Count deleted) {
    removeChildren(path, layer, deleted);
    hide(path, layer, deleted);
  }

  private void hide(int path, int layer, Count deleted) {
    layers[path] = NOBODY;
    goneIn[path] = (short) layer;
    deleted.add(sizes[path]);
  }

  /** As {@link #remove}, of all that is in a directory. */
  void removeChildren(int directory, int layer, Count deleted) {
    int count = 0;
    pending[count++] = directory;
    while (count > 0) {
      int at = pending[--count];
      for (int c = paths.firstChild(at); c != PathTree.NONE; c = paths.nextSibling(c)) {
        if (isVisible(c)) {
          if (count == pending.length) {
            pending = Arrays.copyOf(pending, count * 2);
          }
          pending[count++] = c;
          hide(c, layer, deleted);
        }
      }
    }
  }
}
