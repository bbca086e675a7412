package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.TreeRemoval;
import dev.lamina.overlay.merge.ListingBuilder;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.node.Node;
import dev.lamina.overlay.node.RealObject;
import dev.lamina.overlay.promote.JoinedFiles;
import java.util.concurrent.locks.Lock;

/**
 * Names that go. What only a lower has is hidden by one {@code mknod} of a whiteout in the upper;
 * what the upper has over a lower is replaced by a whiteout in one rename. No data is copied for a
 * removal, but where a name of several of a lower file goes and an index counts them.
 */
final class Removal {
  private final Union union;

  Removal(Union union) {
    this.union = union;
  }

  void unlink(long parentId, Name name) throws ErrnoException {
    remove(parentId, name, false);
  }

  void rmdir(long parentId, Name name) throws ErrnoException {
    remove(parentId, name, true);
  }

  private void remove(long parentId, Name name, boolean directory) throws ErrnoException {
    union.requireWritable();
    Union.requireComponent(name);
    DirNode parent = union.directory(parentId);
    try {
      remove(parent, name, directory);
    } finally {
      union.events.tell();
    }
  }

  private void remove(DirNode parent, Name name, boolean directory) throws ErrnoException {
    Lock lock = union.lock.shared();
    while (true) {
      Node missing = removeIfReady(parent, name, directory, lock);
      if (missing == null) {
        return;
      }
      if (missing instanceof FileNode file) {
        // A name less of a file that keeps others: the count changes with it.
        lock = union.lock.exclusive();
        try {
          union.bringUp(file, parent, name);
        } finally {
          union.table.release(file, 1);
        }
      } else {
        union.promoter.promoteDirectory(parent);
      }
    }
  }

  /**
   * Removes, or tells what must be brought into the upper first: the parent, to take a whiteout, or
   * a file that shares its inode with other names, with one more reference.
   *
   * @param lock of the tree, the exclusive one for such a file
   */
  private Node removeIfReady(DirNode parent, Name name, boolean directory, Lock lock)
      throws ErrnoException {
    lock.lock();
    try {
      parent.lockNames();
      try {
        Node node = union.names.find(parent, name);
        if (node == null) {
          throw new ErrnoException(Errno.ENOENT, "removal");
        }
        try {
          if (node instanceof FileNode file && file.isJoined()) {
            requireRemovable(node, directory);
            if (!file.inUpper()) {
              requireRemovable(file);
            }
            if (lock == union.lock.shared() || !JoinedFiles.isUp(file, parent, name)) {
              union.table.retain(file);
              return file;
            }
          }
          if (!parent.inUpper()) {
            requireRemovable(node, directory);
            return parent;
          }
          removeNode(parent, name, node, directory);
          return null;
        } finally {
          union.table.release(node, 1);
        }
      } finally {
        parent.unlockNames();
      }
    } finally {
      lock.unlock();
    }
  }

  private static void requireRemovable(Node node, boolean directory) throws ErrnoException {
    if (node.isDirectory() != directory) {
      throw new ErrnoException(directory ? Errno.ENOTDIR : Errno.EISDIR, "removal");
    }
    if (node instanceof DirNode dir && !ListingBuilder.isEmpty(dir.parts())) {
      throw new ErrnoException(Errno.ENOTEMPTY, "removal");
    }
  }

  private void removeNode(DirNode parent, Name name, Node node, boolean directory)
      throws ErrnoException {
    if (node instanceof DirNode dir) {
      // Nothing may appear in it between the look and the removal.
      dir.lockNames();
      try {
        requireRemovable(dir, directory);
        removeDirectory(parent, name, dir);
      } finally {
        dir.unlockNames();
      }
      union.table.removeLink(parent, name, -1);
    } else {
      requireRemovable(node, directory);
      removeFile(parent, name, (FileNode) node);
    }
  }

  private void removeFile(DirNode parent, Name name, FileNode file) throws ErrnoException {
    LayerDir upper = parent.upper();
    int fd = upper.pin();
    try {
      if (!file.inUpper()) {
        requireRemovable(file);
        union.work.makeWhiteout(fd, name);
        union.events.whiteout(parent, name);
        union.table.removeLink(parent, name, -1);
        return;
      }
      if (file.indexHome() != null) {
        union.settleCount(file);
        takeAwayName(parent, name, fd);
        union.table.removeLink(parent, name, -1);
        union.leaveIndexIfUnused(file);
        return;
      }
      int path = At.open(fd, name, OpenFlags.O_PATH, 0);
      boolean taken = false;
      try {
        takeAwayName(parent, name, fd);
        taken = union.table.removeLink(parent, name, path);
      } finally {
        if (!taken) {
          Fd.close(path);
        }
      }
    } finally {
      upper.unpin();
    }
  }

  private void takeAwayName(DirNode parent, Name name, int fd) throws ErrnoException {
    if (union.names.lowerShows(parent, name)) {
      replaceByWhiteout(parent, fd, name, 0);
    } else {
      At.unlink(fd, name);
    }
  }

  /** What a filesystem itself says of a file with {@code chattr +i} or {@code +a}. */
  private static void requireRemovable(FileNode lower) throws ErrnoException {
    Stat stat = new Stat();
    RealObject object = RealObject.ofThread(lower);
    try {
      object.stat(stat);
    } finally {
      object.letGo();
    }
    if (stat.immutable || stat.appendOnly) {
      throw new ErrnoException(Errno.EPERM, "removal of a file that is not to change");
    }
  }

  private void removeDirectory(DirNode parent, Name name, DirNode dir) throws ErrnoException {
    LayerDir upper = parent.upper();
    int fd = upper.pin();
    try {
      if (!dir.inUpper()) {
        union.work.makeWhiteout(fd, name);
        union.events.whiteout(parent, name);
        dir.markRemoved(false);
        return;
      }
      dir.top().pin();
      try {
        takeAway(parent, name, fd);
      } catch (ErrnoException e) {
        dir.top().unpin();
        throw e;
      }
      dir.markRemoved(true);
    } finally {
      upper.unpin();
    }
  }

  /** Removes a directory of the upper that shows nothing but may hold whiteouts. */
  private void takeAway(DirNode parent, Name name, int fd) throws ErrnoException {
    if (union.names.lowerShows(parent, name)) {
      replaceByWhiteout(parent, fd, name, At.RENAME_EXCHANGE);
      return;
    }
    try {
      At.rmdir(fd, name);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENOTEMPTY) {
        throw e;
      }
      Name temporary = union.work.newName();
      At.rename(fd, name, union.work.fd(), temporary, At.RENAME_NOREPLACE);
      union.work.discard(temporary);
    }
  }

  /** One rename puts a whiteout in the place of what is there, which ends in work and goes. */
  private void replaceByWhiteout(DirNode parent, int fd, Name name, int flags)
      throws ErrnoException {
    Name temporary = union.work.makeWhiteout();
    try {
      At.rename(union.work.fd(), temporary, fd, name, flags);
    } catch (ErrnoException e) {
      union.work.removeAfter(e, temporary);
      throw e;
    }
    union.events.whiteout(parent, name);
    if (flags == At.RENAME_EXCHANGE) {
      union.work.discard(temporary);
    }
  }

  /**
   * Makes a directory of the upper that shows nothing really empty, so that a rename can replace
   * it: first opaque, which changes nothing that shows, then without its whiteouts. Under the
   * exclusive tree lock.
   */
  void dropWhiteouts(DirNode dir) throws ErrnoException {
    int fd = dir.upper().pin();
    try {
      if (dir.isMerged()) {
        union.makeOpaque(dir);
        dir.dropLowers();
      }
      TreeRemoval.removeContents(fd);
    } finally {
      dir.upper().unpin();
    }
  }
}
