package dev.lamina.overlay.node;

/**
 * Anything but a directory: one object of one layer. The monitor of a file node is the lock of its
 * promotion.
 *
 * <p>A lower object is reached through its {@link #lowerHome}, which never changes. An upper object
 * is where its {@linkplain #link links} say (the upper has the merged tree's own paths) or, when no
 * link is known any more, behind the {@link #orphan} descriptor.
 */
public final class FileNode extends Node {
  /** Where a lower object lives: an entry of a layer's directory. */
  public static final class Home {
    private final LayerDir directory;
    private final byte[] name;

    public Home(LayerDir directory, byte[] name) {
      this.directory = directory;
      this.name = name;
    }

    public LayerDir directory() {
      return directory;
    }

    /** The name there; not to be changed. */
    public byte[] name() {
      return name;
    }
  }

  private final int type;
  private volatile Home lowerHome;
  private volatile int orphan = -1;

  /** Key under which the {@link NodeTable} knows this as hard-linked, or 0. Guarded by it. */
  long hardLinkIno;

  /** Ids that this node had before, or null. Guarded by the {@link NodeTable}. */
  long[] formerIds;

  FileNode(long id, long generation, long ino, int type, Home lowerHome) {
    super(id, generation, ino);
    this.type = type;
    this.lowerHome = lowerHome;
  }

  @Override
  public int type() {
    return type;
  }

  @Override
  public boolean inUpper() {
    return lowerHome == null;
  }

  /** Where the object lives in a lower, or null once it is in the upper. */
  public Home lowerHome() {
    return lowerHome;
  }

  /** The object is in the upper from now on, at this node's links or behind its orphan. */
  public void markPromoted() {
    lowerHome = null;
  }

  /**
   * Takes the inode number of the promoted object. A lower file with several names falls apart when
   * one is promoted, and two different files must not share a number (as kernel overlayfs without
   * {@code index}).
   */
  public void becomeDistinct(long ino) {
    changeIno(ino);
  }

  /** An {@code O_PATH} descriptor of a nameless upper object, or -1; closed with this node. */
  public int orphan() {
    return orphan;
  }

  /** Hands over {@code fd}, by which the upper object is reached when no link is left. */
  public void keepOrphan(int fd) {
    orphan = fd;
  }
}
