package dev.lamina.overlay.promote;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
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
import dev.lamina.overlay.origin.Origins;

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
  private final IndexDirectory index;
  private final Origins origins;

  public JoinedFiles(IndexDirectory index, Origins origins) {
    this.index = index;
    this.origins = origins;
  }

  /** Makes the marked copy {@code temporary} the file behind all of the file's names. */
  void publish(FileNode file, int work, Name temporary) throws ErrnoException {
    file.markIndexed(index.add(work, temporary));
  }

  /**
   * Brings one name of a promoted file into the upper, where {@code parent} is already; false where
   * it is there.
   */
  @CanIgnoreReturnValue
  public boolean linkUp(FileNode file, DirNode parent, Name name) throws ErrnoException {
    LayerDir upper = parent.upper();
    int to = upper.pin();
    try {
      if (At.stat(to, name, new Stat())) {
        return false;
      }
      Stat before = new Stat();
      At.stat(to, before);
      origins.markImpure(parent, to);
      file.markIndexed(index.linkKnownName(file.indexHome(), to, name));
      Promoter.restoreTimes(to, before);
      return true;
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
  public boolean leaveIfUnused(FileNode file) throws ErrnoException {
    IndexHome home = file.indexHome();
    if (home == null || !index.isUnused(home)) {
      return false;
    }
    file.leaveIndex(At.open(home.directory(), Name.of(home.name()), OpenFlags.O_PATH, 0));
    index.remove(home);
    return true;
  }
}
