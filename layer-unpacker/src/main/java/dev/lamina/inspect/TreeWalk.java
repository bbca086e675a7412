package dev.lamina.inspect;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.DirectorySink;
import dev.lamina.overlay.Entry;
import dev.lamina.overlay.InodeFileSystem;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A walk below a directory of the merged tree: each directory before what is in it, names in byte
 * order, so that equal trees give equal walks. Keeps the names of the directories on the way and
 * nothing of the rest, however large the tree; depth costs no stack.
 *
 * <pre>{@code
 * while (walk.next()) { use(walk.path(), walk.stat()); }
 * }</pre>
 */
public final class TreeWalk implements AutoCloseable {
  private final InodeFileSystem inodes;
  private final ArrayDeque<Directory> way = new ArrayDeque<>();
  private final Entry entry = new Entry();
  private final Name lookup = new Name();
  private final WalkPath path = new WalkPath();
  private byte[] name;

  /** Whether the walk stands at an object, whose node it holds. */
  private boolean standing;

  private boolean skipped;

  /** A directory that is being gone through; its node is held. */
  private static final class Directory {
    final long node;
    final byte[][] names;
    final int pathLength;
    int next;

    Directory(long node, byte[][] names, int pathLength) {
      this.node = node;
      this.names = names;
      this.pathLength = pathLength;
    }
  }

  private final MergedTree tree;

  private TreeWalk(MergedTree tree) {
    this.tree = tree;
    this.inodes = tree.inodes();
  }

  /** Walks below {@code node}, a directory that was looked up and is forgotten by this. */
  static TreeWalk below(MergedTree tree, long node) throws ErrnoException {
    TreeWalk walk = new TreeWalk(tree);
    walk.enter(node);
    return walk;
  }

  private void enter(long node) throws ErrnoException {
    byte[][] names;
    try {
      names = names(node);
    } catch (ErrnoException | RuntimeException e) {
      inodes.forget(node, 1);
      throw e;
    }
    way.push(new Directory(node, names, path.length()));
  }

  private byte[][] names(long node) throws ErrnoException {
    Names names = new Names(new ArrayList<>());
    inodes.readdir(node, 0, false, names);
    byte[][] sorted = names.list.toArray(byte[][]::new);
    Arrays.sort(sorted, Arrays::compareUnsigned);
    return sorted;
  }

  private record Names(List<byte[]> list) implements DirectorySink {
    @Override
    public boolean fits(int nameLength) {
      return true;
    }

    @Override
    public void accept(
        byte[] names, int from, int length, long ino, int type, long nextOffset, Entry found) {
      boolean dot = length <= 2 && names[from] == '.' && names[from + length - 1] == '.';
      if (!dot) {
        list.add(Arrays.copyOfRange(names, from, from + length));
      }
    }
  }

  /** Moves on to the next object, into the directory where the walk stands; false at the end. */
  public boolean next() throws ErrnoException {
    if (standing) {
      standing = false;
      if (entry.stat.isDirectory() && !skipped) {
        enter(entry.node);
      } else {
        inodes.forget(entry.node, 1);
      }
    }
    skipped = false;
    while (!way.isEmpty()) {
      Directory directory = way.peek();
      while (directory.next < directory.names.length) {
        name = directory.names[directory.next++];
        if (inodes.lookup(directory.node, lookup.set(name), entry)) {
          standing = true;
          path.enter(directory.pathLength, name);
          return true;
        }
      }
      way.pop();
      inodes.forget(directory.node, 1);
    }
    return false;
  }

  /** Does not go into the directory where the walk stands. */
  public void skip() {
    skipped = true;
  }

  /** How many directories the object is below the start; 1 for what is in it. */
  public int depth() {
    return way.size();
  }

  /** Where the walk stands, from its start, without a slash in front; a fresh array. */
  public byte[] path() {
    return path.toBytes();
  }

  /** The last component of {@link #path}; not to be changed. */
  public byte[] name() {
    return name;
  }

  /** Attributes of where the walk stands; overwritten when it moves on. */
  public Stat stat() {
    return entry.stat;
  }

  /** Target of the symbolic link where the walk stands. */
  public byte[] target() throws ErrnoException {
    return tree.target(entry.node);
  }

  /** The node where the walk stands, held until it moves on. */
  long node() {
    return entry.node;
  }

  @Override
  public void close() {
    if (standing) {
      standing = false;
      inodes.forget(entry.node, 1);
    }
    while (!way.isEmpty()) {
      inodes.forget(way.pop().node, 1);
    }
  }
}
