package dev.lamina.overlay.node;

import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * Anything but a directory: one object of one layer, and where its {@linkplain #data data} is. The
 * monitor of a file node is the lock of its promotion.
 *
 * <p>A lower object is reached through its {@link #lowerHome}, which never changes. An upper object
 * is where its {@linkplain #link links} say (the upper has the merged tree's own paths) or, when no
 * link is known any more, behind the {@link #orphan} descriptor.
 *
 * <p>All names of a lower inode lead to one node where there is an index ({@link #isJoined}). Once
 * promoted it is at its {@link #indexHome}, since some of its links may be in a lower only.
 */
public final class FileNode extends Node {
  /** Where a lower object lives: an entry of a layer's directory. */
  public static final class Home implements DataSource {
    private final LayerDir directory;
    private final byte[] name;

    /** The place {@code name} in {@code directory}; the bytes are not to be changed. */
    public Home(LayerDir directory, byte[] name) {
      this.directory = directory;
      this.name = name;
    }

    /** The directory of the layer. */
    public LayerDir directory() {
      return directory;
    }

    /** The name there; not to be changed. */
    public byte[] name() {
      return name;
    }
  }

  private static final AtomicReferenceFieldUpdater<FileNode, DataSource> DATA =
      AtomicReferenceFieldUpdater.newUpdater(FileNode.class, DataSource.class, "data");

  private final int type;
  private volatile Home lowerHome;
  private volatile DataSource data;
  private volatile int orphan = -1;
  private volatile IndexHome indexHome;

  /** Key under which the {@link NodeTable} knows this as hard-linked, or 0. Guarded by it. */
  long hardLinkIno;

  /** Which lower inode the names of this lead to, or null. Guarded by the {@link NodeTable}. */
  volatile LowerInode lowerInode;

  /** Ids that this node had before, or null. Guarded by the {@link NodeTable}. */
  long[] formerIds;

  FileNode(long id, long generation, long ino, int type, Home lowerHome, DataSource data) {
    super(id, generation, ino);
    this.type = type;
    this.lowerHome = lowerHome;
    this.data = data;
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

  /** Whether all names of a lower inode lead here, through the index once it is promoted. */
  public boolean isJoined() {
    return lowerInode != null;
  }

  /** Where the promoted object of a joined file is; null for all others. */
  public IndexHome indexHome() {
    return indexHome;
  }

  /** The object is in the upper from now on, at {@code home}; under the exclusive tree lock. */
  public void markIndexed(IndexHome home) {
    indexHome = home;
    lowerHome = null;
  }

  /**
   * The index has no entry for this any more, since it has no name; under the exclusive tree lock.
   *
   * @param fd as for {@link #keepOrphan}
   */
  public void leaveIndex(int fd) {
    keepOrphan(fd);
    indexHome = null;
  }

  /** The object is in the upper from now on, at this node's links or behind its orphan. */
  public void markPromoted() {
    lowerHome = null;
  }

  /** Where the data is; for what is no regular file, where the object is. */
  public DataSource data() {
    return data;
  }

  /** Whether data may be changed in place: it is in the upper, and nothing says otherwise. */
  public boolean ownsData() {
    return data == DataSource.UPPER;
  }

  /** Whether the data is in another object than owner, mode and times. */
  public boolean isMetacopy() {
    DataSource source = data;
    return !(source instanceof DataSource.InUpper) && source != lowerHome;
  }

  /** The data is in the upper from now on, or known to be nowhere; after {@link #markPromoted}. */
  public void moveData(DataSource.InUpper to) {
    data = to;
  }

  /** The data comes up block by block from now on; after {@link #markPromoted}. */
  public void moveData(DataSource.Partial to) {
    data = to;
  }

  /** The data is below, whole: nothing of it came up in an earlier mount. */
  public void forgetInterruption(DataSource.Interrupted interrupted, DataSource below) {
    DATA.compareAndSet(this, interrupted, below);
  }

  /** The data was found; whoever was first is right. */
  public void foundData(DataSource.Unsought sought, Home found) {
    DATA.compareAndSet(this, sought, found);
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
