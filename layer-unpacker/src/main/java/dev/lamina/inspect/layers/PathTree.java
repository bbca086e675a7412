package dev.lamina.inspect.layers;

import java.util.Arrays;

/**
 * All paths that any layer of an image ever had, as numbers: the root is 0, and each new path gets
 * the next one, after its parent's. Packed into a few arrays, some 40 bytes for each path and its
 * name, so that a million of them fit the heap of a small host. Nothing is ever removed.
 */
final class PathTree {
  static final int ROOT = 0;
  static final int NONE = -1;

  private byte[] names = new byte[1 << 12];
  private int namesEnd;
  private int[] nameStarts = new int[256];
  private int[] parents = new int[256];
  private int[] firstChildren = new int[256];
  private int[] nextSiblings = new int[256];
  private int count;

  /** Open-addressed table of paths by parent and name; a power of two in size. */
  private int[] table = new int[512];

  PathTree() {
    Arrays.fill(table, NONE);
    append(NONE, new byte[0]);
  }

  /** How many paths there are, the root included. */
  int size() {
    return count;
  }

  /** The child of {@code parent} of that name, added where there is none. */
  int child(int parent, byte[] name) {
    int slot = slot(parent, name);
    if (table[slot] == NONE) {
      table[slot] = append(parent, name);
      nextSiblings[count - 1] = firstChildren[parent];
      firstChildren[parent] = count - 1;
      if (count * 2 > table.length) {
        rehash();
      }
      return count - 1;
    }
    return table[slot];
  }

  private int append(int parent, byte[] name) {
    if (count + 1 >= parents.length) {
      int size = grown(parents.length);
      nameStarts = Arrays.copyOf(nameStarts, size);
      parents = Arrays.copyOf(parents, size);
      firstChildren = Arrays.copyOf(firstChildren, size);
      nextSiblings = Arrays.copyOf(nextSiblings, size);
    }
    if (names.length - namesEnd < name.length) {
      names = Arrays.copyOf(names, Math.max(grown(names.length), namesEnd + name.length));
    }
    System.arraycopy(name, 0, names, namesEnd, name.length);
    nameStarts[count] = namesEnd;
    namesEnd += name.length;
    parents[count] = parent;
    firstChildren[count] = NONE;
    nextSiblings[count] = NONE;
    nameStarts[++count] = namesEnd;
    return count - 1;
  }

  /** The next size of an array: half as much again, since large ones are most of the memory. */
  static int grown(int size) {
    return (int) Math.min(Integer.MAX_VALUE - 8, size + (long) (size >> 1) + 16);
  }

  private int slot(int parent, byte[] name) {
    int slot = spread(31 * parent + Arrays.hashCode(name)) & (table.length - 1);
    while (table[slot] != NONE && !is(table[slot], parent, name)) {
      slot = (slot + 1) & (table.length - 1);
    }
    return slot;
  }

  private boolean is(int path, int parent, byte[] name) {
    return parents[path] == parent
        && Arrays.equals(names, nameStarts[path], nameStarts[path + 1], name, 0, name.length);
  }

  private void rehash() {
    table = new int[table.length * 2];
    Arrays.fill(table, NONE);
    for (int path = 1; path < count; path++) {
      table[slot(parents[path], name(path))] = path;
    }
  }

  private static int spread(int hash) {
    int mixed = hash * 0x9E3779B9;
    return mixed ^ (mixed >>> 15);
  }

  int parent(int path) {
    return parents[path];
  }

  /** One of the children, or {@link #NONE}; the others follow by {@link #nextSibling}. */
  int firstChild(int path) {
    return firstChildren[path];
  }

  int nextSibling(int path) {
    return nextSiblings[path];
  }

  /** The last component, a fresh array. */
  byte[] name(int path) {
    return Arrays.copyOfRange(names, nameStarts[path], nameStarts[path + 1]);
  }

  /** The whole path, with a slash in front of each component; {@code /} for the root. */
  byte[] path(int path) {
    if (path == ROOT) {
      return new byte[] {'/'};
    }
    int length = 0;
    for (int at = path; at != ROOT; at = parents[at]) {
      length += 1 + nameStarts[at + 1] - nameStarts[at];
    }
    byte[] bytes = new byte[length];
    for (int at = path; at != ROOT; at = parents[at]) {
      int size = nameStarts[at + 1] - nameStarts[at];
      length -= size;
      System.arraycopy(names, nameStarts[at], bytes, length, size);
      bytes[--length] = '/';
    }
    return bytes;
  }
}
