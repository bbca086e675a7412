package dev.lamina.overlay.promote;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.index.IndexDirectory;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.IndexHome;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.node.Link;
import dev.lamina.overlay.origin.Origins;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Promoted files that share a lower inode with other names: the way of a file through the index,
 * from its first promotion until its last name goes. Under the exclusive tree lock throughout, so
 * that whoever looks at such a file sees links and count together.
 *
 * <p>After each system call the tree shows all names, with the right count, as before or as after
 * the change: the entry appears when it is complete, a lower name gets its link while the count is
 * relative to the lower, and names of the upper come and go while it is relative to the upper.
 */
public final class JoinedFiles {
  private static final Logger LOG = LoggerFactory.getLogger(JoinedFiles.class);

  private final IndexDirectory index;
  private final Origins origins;

  /** Those of an upper with an index. */
  public JoinedFiles(IndexDirectory index, Origins origins) {
    this.index = index;
    this.origins = origins;
  }

  /**
   * Makes the marked copy {@code temporary} the file behind all of the file's names.
   *
   * @param link the name that gets its link in the upper at once, so that whoever looks at the
   *     upper itself sees the change; its parent is there. Null for none
   */
  void publish(FileNode file, int work, Name temporary, Link link) throws ErrnoException {
    IndexHome home = index.add(work, temporary);
    if (link != null) {
      link.parent().lockNames();
      try {
        home = linkedUp(home, link.parent(), Name.of(link.name()));
      } catch (ErrnoException e) {
        takeBack(home, e);
      } finally {
        link.parent().unlockNames();
      }
    }
    file.markIndexed(home);
  }

  /** Undoes the promotion because of {@code failure}; returns only if the entry has to stay. */
  private void takeBack(IndexHome home, ErrnoException failure) throws ErrnoException {
    try {
      index.remove(home);
    } catch (ErrnoException e) {
      // Complete as it is: all names lead to it, though none of them is in the upper yet.
      LOG.warn("a promoted file has no name in the upper: {}", failure.getMessage());
      return;
    }
    throw failure;
  }

  /**
   * Brings one name of a promoted file into the upper, where {@code parent} is already; false where
   * it is there.
   */
  public boolean linkUp(FileNode file, DirNode parent, Name name) throws ErrnoException {
    if (isUp(file, parent, name)) {
      return false;
    }
    file.markIndexed(linkedUp(file.indexHome(), parent, name));
    return true;
  }

  private IndexHome linkedUp(IndexHome home, DirNode parent, Name name) throws ErrnoException {
    LayerDir upper = parent.upper();
    int to = upper.pin();
    try {
      Stat before = new Stat();
      At.stat(to, before);
      origins.markImpure(parent, to);
      IndexHome linked = index.linkKnownName(home, to, name);
      Promoter.restoreTimes(to, before);
      return linked;
    } finally {
      upper.unpin();
    }
  }

  /** Whether {@code name}, which stands for a joined file, is in the upper. */
  public static boolean isUp(FileNode file, DirNode parent, Name name) throws ErrnoException {
    if (file.indexHome() == null || !parent.inUpper()) {
      return false;
    }
    LayerDir upper = parent.upper();
    int fd = upper.pin();
    try {
      return At.stat(fd, name, new Stat());
    } finally {
      upper.unpin();
    }
  }

  /** Before a name of {@code file} in the upper comes or goes; nothing for other files. */
  public void settle(FileNode file) throws ErrnoException {
    if (file.indexHome() != null) {
      index.settle(file.indexHome());
    }
  }

  /**
   * After a name of {@code file} in the upper went.
   *
   * @return whether it was the last one, so that the file left the index; it stays reachable for
   *     those who have it open
   */
  public boolean leaveIfUnused(FileNode file) {
    IndexHome home = file.indexHome();
    try {
      if (home == null || !index.isUnused(home)) {
        return false;
      }
      file.leaveIndex(At.open(home.directory(), Name.of(home.name()), OpenFlags.O_PATH, 0));
      index.remove(home);
    } catch (ErrnoException e) {
      // The name is gone all the same; the next mount sweeps the entry.
      LOG.warn("an unused entry stays in the index: {}", e.getMessage());
    }
    return file.indexHome() == null;
  }
}
