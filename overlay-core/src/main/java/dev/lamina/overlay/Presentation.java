package dev.lamina.overlay;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.data.PartialFile;
import dev.lamina.overlay.node.DataSource;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.Node;
import dev.lamina.overlay.node.RealObject;
import dev.lamina.overlay.owner.OwnerRecords;
import dev.lamina.overlay.owner.Ownership;

/** Attributes as the merged tree shows them, for those that a layer keeps. */
final class Presentation {
  private static final ThreadLocal<Stat> DATA_STAT = ThreadLocal.withInitial(Stat::new);

  /** The unit of {@link Stat#blocks}. */
  private static final int BLOCK = 512;

  private final Ownership ownership;
  private final OwnerRecords owners;

  /**
   * A presentation.
   *
   * @param ownership which owners are shown for those that layers keep
   * @param owners where objects of no layer keep theirs: the topmost layer's
   */
  Presentation(Ownership ownership, OwnerRecords owners) {
    this.ownership = ownership;
    this.owners = owners;
  }

  /** Attributes of {@code node}; under the shared tree lock. */
  void stat(Node node, Stat stat) throws ErrnoException {
    RealObject object = RealObject.ofThread(node);
    try {
      statStored(object, stat);
    } finally {
      object.letGo();
    }
    present(node, stat);
  }

  /** Attributes of {@code object} as its layer keeps them, owner records counted in. */
  void statStored(RealObject object, Stat stat) throws ErrnoException {
    object.stat(stat);
    object.readOwner(object.layer() == null ? owners : object.layer().owners(), stat);
  }

  /** Turns the attributes that a layer keeps into those of the merged tree. */
  void present(Node node, Stat stat) {
    stat.ino = node.ino();
    ownership.show(stat);
    if (node instanceof FileNode file && file.data() != DataSource.UPPER) {
      presentData(file, stat);
    }
    if (node instanceof DirNode directory) {
      if (directory.isRemoved()) {
        stat.nlink = 0;
      } else if (directory.isMerged()) {
        // Nobody counts subdirectories over layers; 1 tells programs so, as in kernel overlayfs.
        stat.nlink = 1;
      }
    } else if (node.link() == null && !node.inUpper()) {
      // Removed while it was open: the lower still has the name, the merged tree has not.
      stat.nlink = 0;
    } else if (node instanceof FileNode file && file.indexHome() != null) {
      stat.nlink += file.indexHome().hiddenLinks();
    }
  }

  private static void presentData(FileNode file, Stat stat) {
    if (file.data() instanceof PartialFile partial) {
      partial.present(stat);
    } else {
      stat.blocks = dataBlocks(file, stat);
    }
  }

  /** What the data takes up: as much as its size, as long as nobody looked for it. */
  private static long dataBlocks(FileNode file, Stat stat) {
    DataSource data = file.data();
    if (data instanceof DataSource.Unsought || data instanceof DataSource.Interrupted) {
      return guessedBlocks(stat);
    }
    if (data == DataSource.UPPER_MARKED) {
      // Those of the upper are for the mark.
      return 0;
    }
    if (!(data instanceof FileNode.Home home) || home == file.lowerHome()) {
      return stat.blocks;
    }
    Stat below = DATA_STAT.get();
    try {
      RealObject object = RealObject.ofLower(home);
      try {
        object.stat(below);
      } finally {
        object.letGo();
      }
    } catch (ErrnoException e) {
      // No reason for the operation to fail, which may be done by now.
      return guessedBlocks(stat);
    }
    return below.blocks;
  }

  private static long guessedBlocks(Stat stat) {
    long size = stat.blksize;
    return (stat.size + size - 1) / size * size / BLOCK;
  }
}
