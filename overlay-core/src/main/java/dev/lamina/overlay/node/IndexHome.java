package dev.lamina.overlay.node;

/**
 * Where a promoted file is that shares its inode with other names of a lower: an entry of the
 * index, which leads to it whichever of its names are in the upper. Immutable; a node gets another
 * one under the exclusive {@link TreeLock}.
 */
public final class IndexHome {
  private final int directory;
  private final byte[] name;
  private final int hiddenLinks;
  private final int lowerLinks;

  /**
   * An entry of the index.
   *
   * @param directory descriptor of the index, which outlives all nodes
   * @param name the entry there; not to be changed
   * @param hiddenLinks names in the merged tree less links of the upper's inode
   * @param lowerLinks links of the lower inode
   */
  public IndexHome(int directory, byte[] name, int hiddenLinks, int lowerLinks) {
    this.directory = directory;
    this.name = name;
    this.hiddenLinks = hiddenLinks;
    this.lowerLinks = lowerLinks;
  }

  /** The same entry, with another difference between names and links. */
  public IndexHome withHiddenLinks(int count) {
    return new IndexHome(directory, name, count, lowerLinks);
  }

  /** Descriptor of the index. */
  public int directory() {
    return directory;
  }

  /** The entry there; not to be changed. */
  public byte[] name() {
    return name;
  }

  /** What to add to the links of the inode to get those of the merged tree. */
  public int hiddenLinks() {
    return hiddenLinks;
  }

  /** Links of the lower inode. */
  public int lowerLinks() {
    return lowerLinks;
  }
}
