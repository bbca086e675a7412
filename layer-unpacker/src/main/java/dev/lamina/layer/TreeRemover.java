package dev.lamina.layer;

import dev.lamina.linux.At;
import dev.lamina.linux.DirectoryReader;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;

/**
 * Deletes a tree, however hostile: through descriptors, following no link, with three descriptors
 * and no recursion whatever its depth. Directories deep in the tree are moved up to its top, which
 * is emptied until nothing is left.
 */
public final class TreeRemover {
  private final DirectoryReader topReader = new DirectoryReader();
  private final DirectoryReader childReader = new DirectoryReader();
  private final Stat stat = new Stat();
  private final Name copy = new Name();
  private long moved;

  /** Deletes {@code name} of {@code dirfd} and everything below; nothing if it is not there. */
  public static void remove(int dirfd, Name name) throws ErrnoException {
    new TreeRemover().removeTree(dirfd, name);
  }

  private TreeRemover() {}

  private void removeTree(int dirfd, Name name) throws ErrnoException {
    if (!At.stat(dirfd, name, stat)) {
      return;
    }
    if (!stat.isDirectory()) {
      At.unlink(dirfd, name);
      return;
    }
    int top = openOwned(dirfd, name);
    try {
      while (emptyOnce(top)) {
        Fd.seek(top, 0, Fd.SEEK_SET);
      }
    } finally {
      Fd.close(top);
    }
    At.rmdir(dirfd, name);
  }

  /** One pass over the top; whether there was anything, so that another pass must look again. */
  private boolean emptyOnce(int top) throws ErrnoException {
    topReader.reset(top);
    boolean any = false;
    while (topReader.next()) {
      any = true;
      Name name = topReader.name();
      if (!isDirectory(top, name, topReader.type())) {
        At.unlink(top, name);
      } else if (!tryRmdir(top, name)) {
        emptyChild(top, copy.set(name));
        tryRmdir(top, copy);
      }
    }
    return any;
  }

  private void emptyChild(int top, Name name) throws ErrnoException {
    int child = openOwned(top, name);
    try {
      childReader.reset(child);
      while (childReader.next()) {
        Name entry = childReader.name();
        if (!isDirectory(child, entry, childReader.type())) {
          At.unlink(child, entry);
        } else if (!tryRmdir(child, entry)) {
          moveUp(child, entry, top);
        }
      }
    } finally {
      Fd.close(child);
    }
  }

  private void moveUp(int from, Name entry, int top) throws ErrnoException {
    boolean unlocked = false;
    while (true) {
      try {
        At.rename(from, entry, top, Name.of("deleted-" + moved++), At.RENAME_NOREPLACE);
        return;
      } catch (ErrnoException e) {
        if (e.errno() == Errno.EACCES && !unlocked) {
          // Moving a directory changes its "..", which takes write permission on it.
          At.chmod(from, entry, OpenDirectory.OWNER_ACCESS);
          unlocked = true;
        } else if (e.errno() != Errno.EEXIST) {
          throw e;
        }
      }
    }
  }

  private boolean isDirectory(int dirfd, Name name, int type) throws ErrnoException {
    if (type != 0) {
      return type == FileMode.directoryType(FileMode.S_IFDIR);
    }
    return At.stat(dirfd, name, stat) && stat.isDirectory();
  }

  private static boolean tryRmdir(int dirfd, Name name) throws ErrnoException {
    try {
      At.rmdir(dirfd, name);
      return true;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOTEMPTY || e.errno() == Errno.EEXIST) {
        return false;
      }
      throw e;
    }
  }

  private static int openOwned(int dirfd, Name name) throws ErrnoException {
    At.chmod(dirfd, name, OpenDirectory.OWNER_ACCESS);
    return At.open(dirfd, name, DirectoryCache.OPEN_FLAGS, 0);
  }
}
