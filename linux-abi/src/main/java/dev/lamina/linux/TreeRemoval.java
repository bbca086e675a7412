package dev.lamina.linux;

/**
 * Deletes trees, however hostile: through descriptors, following no link, with three descriptors
 * and no recursion whatever the depth. Directories deep in a tree are moved up to its top, which is
 * emptied until nothing is left; a crash leaves a smaller tree under the same name.
 *
 * <p>The owner of a tree need not be root: directories inside it are made accessible before they
 * are emptied.
 */
public final class TreeRemoval {
  private static final int OWNER_ACCESS = 0700;
  private static final int READ = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
  private static final Name SELF = Name.of(".");

  private final DirectoryReader topReader = new DirectoryReader();
  private final DirectoryReader childReader = new DirectoryReader();
  private final Stat stat = new Stat();
  private final Name copy = new Name();
  private long moved;

  private TreeRemoval() {}

  /** Deletes {@code name} of {@code dirfd} and everything below; absent is no error. */
  public static void remove(int dirfd, Name name) throws ErrnoException {
    new TreeRemoval().removeTree(dirfd, name);
  }

  /** Deletes all that is in the directory {@code dirfd}, which itself stays as it is. */
  public static void removeContents(int dirfd) throws ErrnoException {
    int top = At.open(dirfd, SELF, READ, 0);
    try {
      new TreeRemoval().emptyTop(top);
    } finally {
      Fd.close(top);
    }
  }

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
      emptyTop(top);
    } finally {
      Fd.close(top);
    }
    At.rmdir(dirfd, name);
  }

  /** Removing while reading may skip entries on some filesystems: reads until nothing is left. */
  private void emptyTop(int top) throws ErrnoException {
    while (emptyOnce(top)) {
      Fd.seek(top, 0, Fd.SEEK_SET);
    }
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
        At.rename(from, entry, top, Name.of(".removed-" + moved++), At.RENAME_NOREPLACE);
        return;
      } catch (ErrnoException e) {
        if (e.errno() == Errno.EACCES && !unlocked) {
          // Moving a directory changes its "..", which takes write permission on it (rename(2)).
          At.chmod(from, entry, OWNER_ACCESS);
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
    At.chmod(dirfd, name, OWNER_ACCESS);
    return At.open(dirfd, name, READ, 0);
  }
}
