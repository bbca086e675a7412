package dev.lamina.overlay.node;

import dev.lamina.linux.FileMode;

/**
 * One inode of the merged tree. A node lives while somebody may still name it: by a lookup that was
 * not forgotten, an open handle, or (a directory) a child's link.
 */
public abstract sealed class Node permits DirNode, FileNode {
  /** Changed by {@link NodeTable#renew} alone. */
  private volatile long id;

  private final long generation;
  private volatile long ino;

  /** Lookups not forgotten yet plus open handles. Guarded by the {@link NodeTable}. */
  long references;

  /** Names of this node that are known, newest first; null once unlinked. See {@link Link}. */
  volatile Link links;

  Node(long id, long generation, long ino) {
    this.id = id;
    this.generation = generation;
    this.ino = ino;
  }

  /** The number by which names lead to this node. */
  public long id() {
    return id;
  }

  void changeId(long newId) {
    id = newId;
  }

  /** Tells this node from an earlier one of the same id. */
  public long generation() {
    return generation;
  }

  /**
   * Inode number in the merged tree: that of the object first seen, kept over promotion except
   * where {@link FileNode#becomeDistinct} says.
   */
  public long ino() {
    return ino;
  }

  void changeIno(long newIno) {
    ino = newIno;
  }

  /** The type bits of {@code st_mode}, which never change. */
  public abstract int type();

  /** Whether changes may be made in place, because the node lives in the upper. */
  public abstract boolean inUpper();

  /** One name of this node, or null when it has none: the root, or after the last was removed. */
  public Link link() {
    return links;
  }

  /** Whether this is a {@link DirNode}. */
  public boolean isDirectory() {
    return type() == FileMode.S_IFDIR;
  }
}
