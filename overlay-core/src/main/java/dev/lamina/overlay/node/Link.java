package dev.lamina.overlay.node;

/**
 * One name of one node: a dentry of the merged tree. A directory has one, a file may have several.
 * Immutable but for the chains, which the {@link NodeTable} guards; a rename makes a new one.
 */
public final class Link {
  final Node node;
  final DirNode parent;
  final byte[] name;
  final int hash;

  /** Next in the table's bucket. */
  Link nextInBucket;

  /** Next name of the same node. */
  Link nextOfNode;

  /** Guarded by the parent's name lock. */
  private boolean alone;

  Link(Node node, DirNode parent, byte[] name, int hash) {
    this.node = node;
    this.parent = parent;
    this.name = name;
    this.hash = hash;
  }

  /** Whether no lower shows anything by this name, as somebody has found out. */
  public boolean isAlone() {
    return alone;
  }

  /** Notes it; layers do not change, so it stays. Under the parent's name lock. */
  public void markAlone() {
    alone = true;
  }

  /** What is called so. */
  public Node node() {
    return node;
  }

  /** The directory that has the name. */
  public DirNode parent() {
    return parent;
  }

  /** The name; not to be changed. */
  public byte[] name() {
    return name;
  }
}
