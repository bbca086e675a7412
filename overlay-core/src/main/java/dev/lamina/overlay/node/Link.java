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

  Link(Node node, DirNode parent, byte[] name, int hash) {
    this.node = node;
    this.parent = parent;
    this.name = name;
    this.hash = hash;
  }

  public Node node() {
    return node;
  }

  public DirNode parent() {
    return parent;
  }

  /** The name; not to be changed. */
  public byte[] name() {
    return name;
  }
}
