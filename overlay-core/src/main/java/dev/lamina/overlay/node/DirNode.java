package dev.lamina.overlay.node;

import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import java.util.concurrent.locks.ReentrantLock;

/** A directory of the merged tree: the directories of the layers that make it up. */
public final class DirNode extends Node {
  private final ReentrantLock names = new ReentrantLock();

  /** Topmost first, the upper's first of all if it has one. Replaced whole, under the name lock. */
  private volatile LayerDir[] parts;

  private volatile boolean removed;
  private volatile boolean keptPin;
  private volatile boolean impure;

  /** Made when it is first needed. Guarded by the name lock. */
  private AbsentName absent;

  /** Links whose parent this is. Guarded by the {@link NodeTable}. */
  int children;

  DirNode(long id, long generation, long ino, LayerDir[] parts) {
    super(id, generation, ino);
    this.parts = parts;
  }

  @Override
  public int type() {
    return FileMode.S_IFDIR;
  }

  @Override
  public boolean inUpper() {
    return parts[0].layer().upper();
  }

  /** Holds the names in this directory still; see the lock order in the package's comment. */
  public void lockNames() {
    names.lock();
  }

  /** Ends what {@link #lockNames} began. */
  public void unlockNames() {
    names.unlock();
  }

  /** Whether {@code name} was looked for and stands for nothing; under the name lock. */
  public boolean isKnownAbsent(Name name) {
    return absent != null && absent.is(name);
  }

  /** As {@link #isKnownAbsent}, and no layer has even a whiteout or a mark of that name. */
  public boolean isKnownNowhere(Name name) {
    return absent != null && absent.isNowhere(name);
  }

  /** Notes that {@code name} stands for nothing, until it is made; under the name lock. */
  public void noteAbsent(Name name, boolean nowhere) {
    if (absent == null) {
      absent = new AbsentName();
    }
    absent.note(name, nowhere);
  }

  /** Before a name is made in this directory; under the name lock. */
  public void forgetAbsent() {
    if (absent != null) {
      absent.forget();
    }
  }

  /** The layers' directories, topmost first; never empty, not to be changed. */
  public LayerDir[] parts() {
    return parts;
  }

  /** The topmost directory, which gives owner, mode, times and xattrs. */
  public LayerDir top() {
    return parts[0];
  }

  /** The directory in the upper; only when {@link #inUpper}. */
  public LayerDir upper() {
    LayerDir top = parts[0];
    if (!top.layer().upper()) {
      throw new IllegalStateException(top + " is not in the upper");
    }
    return top;
  }

  /** Whether more than one layer makes up this directory. */
  public boolean isMerged() {
    return parts.length > 1;
  }

  /** Whether anything of this directory is in a lower layer. */
  public boolean hasLower() {
    return parts.length > 1 || !inUpper();
  }

  /** Puts the promoted directory on top; under the name lock of the parent. */
  public void promoteTo(LayerDir upper) {
    LayerDir[] more = new LayerDir[parts.length + 1];
    more[0] = upper;
    System.arraycopy(parts, 0, more, 1, parts.length);
    parts = more;
  }

  /** Cuts the lower layers off: the upper directory became opaque. */
  public void dropLowers() {
    parts = new LayerDir[] {upper()};
  }

  /** Whether the upper's directory is known to hold, or have held, objects with an origin. */
  public boolean isImpure() {
    return impure;
  }

  /** Notes that the upper's directory holds, or will hold, objects with an origin. */
  public void markImpure() {
    impure = true;
  }

  /** Whether it was removed; nothing can be created in it any more (ENOENT). */
  public boolean isRemoved() {
    return removed;
  }

  /**
   * Notes the removal.
   *
   * @param pinnedTop whether the caller leaves {@link #top} pinned, because the directory can be
   *     reached by no path any more; it is unpinned with this node
   */
  public void markRemoved(boolean pinnedTop) {
    keptPin = pinnedTop;
    removed = true;
  }

  /** Gives up the layers' descriptors: nobody can name this node any more. */
  void releaseDescriptors() {
    if (keptPin) {
      top().unpin();
    }
    for (LayerDir part : parts) {
      part.drop();
    }
  }
}
