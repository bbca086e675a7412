package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.merge.ListingBuilder;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.Link;
import dev.lamina.overlay.node.Node;
import dev.lamina.overlay.promote.Promoter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renames, each one {@code renameat2} in the upper: with RENAME_WHITEOUT where the old name would
 * let a lower show through, with RENAME_EXCHANGE where a directory takes the place of a whiteout. A
 * directory that is, in whole or part, in a lower moves by {@link Redirects}, alone, whatever is in
 * it. Without them it does not: EXDEV, as kernel overlayfs without {@code redirect_dir}; {@code mv}
 * then copies.
 */
final class Renaming {
  private static final Logger LOG = LoggerFactory.getLogger(Renaming.class);
  private static final int KNOWN_FLAGS = At.RENAME_NOREPLACE | At.RENAME_EXCHANGE;

  private final Union union;
  private final Removal removal;

  Renaming(Union union, Removal removal) {
    this.union = union;
    this.removal = removal;
  }

  void rename(long parentId, Name name, long newParentId, Name newName, int flags)
      throws ErrnoException {
    union.requireWritable();
    // RENAME_WHITEOUT is what overlays themselves use; kernel overlayfs refuses it to its users.
    if ((flags & ~KNOWN_FLAGS) != 0 || flags == KNOWN_FLAGS) {
      throw new ErrnoException(Errno.EINVAL, "rename with flags " + flags);
    }
    Union.requireComponent(name);
    union.requireNewName(newName);
    DirNode parent = union.directory(parentId);
    DirNode newParent = union.directory(newParentId);
    try {
      rename(parent, name, newParent, newName, flags);
    } finally {
      union.events.tell();
    }
  }

  private void rename(DirNode parent, Name name, DirNode newParent, Name newName, int flags)
      throws ErrnoException {
    long data = Promoter.NO_DATA;
    while (true) {
      try (Pair pair = find(parent, name, newParent, newName, flags)) {
        if (pair.source == pair.target) {
          return;
        }
        union.promoter.promoteDirectory(parent);
        union.promoter.promoteDirectory(newParent);
        union.promoter.promote(pair.source, data);
        if (flags == At.RENAME_EXCHANGE) {
          union.promoter.promote(pair.target, data);
        }
        bringUp(pair.source, parent, name);
        bringUp(pair.target, newParent, newName);
        if (move(pair, flags)) {
          return;
        }
        if (pair.needsData) {
          data = Promoter.ALL_DATA;
        }
      }
    }
  }

  /** One of several names of a lower file moves, or goes, as a name in the upper. */
  private void bringUp(Node node, DirNode parent, Name name) throws ErrnoException {
    if (node instanceof FileNode file && file.isJoined()) {
      union.bringUp(file, parent, name);
    }
  }

  /** What the two names stand for; references to both are held until it is closed. */
  private final class Pair implements AutoCloseable {
    final DirNode parent;
    final Name name;
    final DirNode newParent;
    final Name newName;
    Node source;
    Node target;

    /** Whether a metacopy cannot say where its data is once it is moved. */
    boolean needsData;

    Pair(DirNode parent, Name name, DirNode newParent, Name newName) {
      this.parent = parent;
      this.name = name;
      this.newParent = newParent;
      this.newName = newName;
    }

    @Override
    public void close() {
      if (source != null) {
        union.table.release(source, 1);
      }
      if (target != null) {
        union.table.release(target, 1);
      }
    }
  }

  private Pair find(DirNode parent, Name name, DirNode newParent, Name newName, int flags)
      throws ErrnoException {
    Pair pair = new Pair(parent, name, newParent, newName);
    try {
      union.lock.shared().lock();
      try {
        pair.source = findLocked(parent, name);
        pair.target = findLocked(newParent, newName);
        check(pair, flags);
      } finally {
        union.lock.shared().unlock();
      }
    } catch (ErrnoException | RuntimeException e) {
      pair.close();
      throw e;
    }
    return pair;
  }

  private Node findLocked(DirNode parent, Name name) throws ErrnoException {
    parent.lockNames();
    try {
      return union.names.find(parent, name);
    } finally {
      parent.unlockNames();
    }
  }

  /** The rules of rename(2) and of the union, in the order in which the kernel applies them. */
  private void check(Pair pair, int flags) throws ErrnoException {
    Node source = pair.source;
    Node target = pair.target;
    boolean exchange = flags == At.RENAME_EXCHANGE;
    if (source == null || (exchange && target == null)) {
      throw new ErrnoException(Errno.ENOENT, "rename");
    }
    if (target != null && flags == At.RENAME_NOREPLACE) {
      throw new ErrnoException(Errno.EEXIST, "rename");
    }
    if (pair.newParent.isRemoved()) {
      throw new ErrnoException(Errno.ENOENT, "rename into a removed directory");
    }
    if (isAncestor(source, pair.newParent) || (exchange && isAncestor(target, pair.parent))) {
      throw new ErrnoException(Errno.EINVAL, "rename of a directory into itself");
    }
    if (target != null && !exchange) {
      if (isAncestor(target, pair.parent)) {
        throw new ErrnoException(Errno.ENOTEMPTY, "rename over a parent");
      }
      if (source.isDirectory() != target.isDirectory()) {
        throw new ErrnoException(target.isDirectory() ? Errno.EISDIR : Errno.ENOTDIR, "rename");
      }
    }
    if (source == target) {
      return;
    }
    requireMovable(source);
    if (exchange) {
      requireMovable(target);
    }
  }

  private static boolean isAncestor(Node node, DirNode of) {
    Node at = of;
    while (at != node) {
      Link link = at.link();
      if (link == null) {
        return false;
      }
      at = link.parent();
    }
    return true;
  }

  private void requireMovable(Node node) throws ErrnoException {
    if (!union.makesRedirects && node instanceof DirNode directory && directory.hasLower()) {
      throw new ErrnoException(Errno.EXDEV, "rename of a directory of a lower layer");
    }
  }

  /** Renames, unless something has to be looked up or promoted once more; false then. */
  private boolean move(Pair pair, int flags) throws ErrnoException {
    union.lock.exclusive().lock();
    try {
      // Listings are read under the name lock alone.
      pair.parent.lockNames();
      pair.newParent.lockNames();
      try {
        if (!isStill(pair.parent, pair.name, pair.source)
            || !isStill(pair.newParent, pair.newName, pair.target)) {
          return false;
        }
        check(pair, flags);
        if (!keepData(pair, flags)) {
          pair.needsData = true;
          return false;
        }
        moveStill(pair, flags);
        return true;
      } finally {
        pair.newParent.unlockNames();
        pair.parent.unlockNames();
      }
    } finally {
      union.lock.exclusive().unlock();
    }
  }

  private boolean isStill(DirNode parent, Name name, Node expected) throws ErrnoException {
    Node found = union.names.find(parent, name);
    if (found != null) {
      union.table.release(found, 1);
    }
    return found == expected;
  }

  private boolean keepData(Pair pair, int flags) throws ErrnoException {
    boolean sameParent = pair.parent == pair.newParent;
    return union.redirects.keepData(pair.source, pair.parent, pair.name, sameParent)
        && (flags != At.RENAME_EXCHANGE
            || union.redirects.keepData(pair.target, pair.newParent, pair.newName, sameParent));
  }

  private void moveStill(Pair pair, int flags) throws ErrnoException {
    pair.parent.forgetAbsent();
    pair.newParent.forgetAbsent();
    int from = pair.parent.upper().pin();
    try {
      int to = pair.newParent.upper().pin();
      try {
        if (flags == At.RENAME_EXCHANGE) {
          exchange(pair, from, to);
        } else {
          replace(pair, from, to);
        }
      } finally {
        pair.newParent.upper().unpin();
      }
    } finally {
      pair.parent.upper().unpin();
    }
  }

  private void exchange(Pair pair, int from, int to) throws ErrnoException {
    prepare(pair.source, pair.parent, pair.newParent, pair.newName);
    prepare(pair.target, pair.newParent, pair.parent, pair.name);
    union.carryOrigin(pair.source, from, pair.name, pair.newParent, to);
    union.carryOrigin(pair.target, to, pair.newName, pair.parent, from);
    At.rename(from, pair.name, to, pair.newName, At.RENAME_EXCHANGE);
    union.table.exchangeLinks(pair.parent, pair.name, pair.newParent, pair.newName);
    follow(pair.source, pair.newParent, pair.newName);
    follow(pair.target, pair.parent, pair.name);
  }

  private void replace(Pair pair, int from, int to) throws ErrnoException {
    int path = -1;
    boolean keepsPin = false;
    if (pair.target instanceof DirNode directory) {
      if (!ListingBuilder.isEmpty(directory.parts())) {
        throw new ErrnoException(Errno.ENOTEMPTY, "rename");
      }
      if (directory.inUpper()) {
        directory.top().pin();
        keepsPin = true;
      }
    } else if (pair.target instanceof FileNode file && file.indexHome() != null) {
      union.settleCount(file);
    } else if (pair.target instanceof FileNode file && file.inUpper()) {
      path = At.open(to, pair.newName, OpenFlags.O_PATH, 0);
    }
    boolean taken = false;
    try {
      prepare(pair.source, pair.parent, pair.newParent, pair.newName);
      union.carryOrigin(pair.source, from, pair.name, pair.newParent, to);
      boolean leavesWhiteout = union.names.lowerShows(pair.parent, pair.name);
      if (keepsPin) {
        // As late as can be: if the rename fails after this, the target has lost its lower half.
        removal.dropWhiteouts((DirNode) pair.target);
      }
      renameReal(pair, from, to, leavesWhiteout);
      if (leavesWhiteout) {
        union.events.whiteout(pair.parent, pair.name);
      }
      taken = union.table.removeLink(pair.newParent, pair.newName, path);
    } catch (ErrnoException e) {
      if (keepsPin) {
        ((DirNode) pair.target).top().unpin();
      }
      throw e;
    } finally {
      if (path >= 0 && !taken) {
        Fd.close(path);
      }
    }
    if (pair.target instanceof DirNode directory) {
      directory.markRemoved(keepsPin);
    } else if (pair.target instanceof FileNode file) {
      union.leaveIndexIfUnused(file);
    }
    union.table.moveLink(pair.parent, pair.name, pair.newParent, pair.newName);
    follow(pair.source, pair.newParent, pair.newName);
  }

  private void renameReal(Pair pair, int from, int to, boolean leavesWhiteout)
      throws ErrnoException {
    int whiteout = leavesWhiteout ? At.RENAME_WHITEOUT : 0;
    if (pair.source.isDirectory() && isWhiteout(pair, to)) {
      // rename(2) puts no directory over a device, so the two change places.
      At.rename(from, pair.name, to, pair.newName, At.RENAME_EXCHANGE);
      if (whiteout == 0) {
        removeStray(from, pair.name);
      }
    } else {
      rename(pair, from, to, whiteout);
    }
  }

  /** The rename is done by now, and a whiteout of what no lower has hides nothing. */
  private static void removeStray(int dirfd, Name whiteout) {
    try {
      At.unlink(dirfd, whiteout);
    } catch (ErrnoException e) {
      LOG.warn("a whiteout of nothing stays in the upper: {}: {}", whiteout, e.getMessage());
    }
  }

  /** EXDEV where the filesystem cannot leave whiteouts: programs copy then, and remove. */
  private static void rename(Pair pair, int from, int to, int whiteout) throws ErrnoException {
    try {
      At.rename(from, pair.name, to, pair.newName, whiteout);
    } catch (ErrnoException e) {
      if (whiteout != 0 && e.errno() == Errno.EINVAL) {
        throw new ErrnoException(Errno.EXDEV, "rename without RENAME_WHITEOUT");
      }
      throw e;
    }
  }

  private static boolean isWhiteout(Pair pair, int to) throws ErrnoException {
    var format = pair.newParent.upper().layer().format();
    return UpperEntry.at(to, pair.newName, format, new Stat()) == UpperEntry.WHITEOUT;
  }

  /**
   * Sees to it, beforehand, that a directory which moves keeps its own lower half and does not show
   * that of its new place. Changes nothing that shows where it still is.
   */
  private void prepare(Node moved, DirNode parent, DirNode newParent, Name newName)
      throws ErrnoException {
    if (!(moved instanceof DirNode directory)) {
      return;
    }
    if (directory.isMerged()) {
      union.redirects.recordPlace(directory, parent == newParent);
      union.redirects.clearMark(newParent, newName);
    } else if (union.names.lowerShows(newParent, newName)
        || union.redirects.isRecorded(directory)) {
      union.makeOpaque(directory);
    }
  }

  private static void follow(Node moved, DirNode parent, Name name) {
    if (moved instanceof DirNode directory) {
      directory.upper().moveTo(parent.upper(), name.toBytes());
    }
  }
}
