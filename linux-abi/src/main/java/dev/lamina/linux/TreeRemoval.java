package dev.lamina.linux;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Removes a tree by descriptors, following no link. A directory found inside is first moved up to
 * the base under a name of its own, so that depth costs neither stack nor descriptors. The owner of
 * a tree need not be root: directories are made accessible before they are emptied.
 */
public final class TreeRemoval {
  private static final int OWNER_ACCESS = 0700;
  private static final AtomicLong COUNTER = new AtomicLong();

  private TreeRemoval() {}

  /**
   * Removes {@code name}, a file or a whole tree, in the directory {@code base}; absent is no
   * error. What a crash leaves behind lies in {@code base} as {@code .removed-*}.
   */
  public static void remove(int base, Name name) throws ErrnoException {
    Stat stat = new Stat();
    if (!At.stat(base, name, stat)) {
      return;
    }
    if (!stat.isDirectory()) {
      At.unlink(base, name);
      return;
    }
    DirectoryReader reader = new DirectoryReader();
    ArrayDeque<Name> directories = new ArrayDeque<>();
    directories.add(new Name().set(name));
    while (!directories.isEmpty()) {
      Name directory = directories.remove();
      empty(base, directory, reader, directories);
      At.rmdir(base, directory);
    }
  }

  /** Removes all that is in the directory {@code base} itself. */
  public static void removeContents(int base) throws ErrnoException {
    ArrayDeque<Name> found = new ArrayDeque<>();
    int readable = open(base, Name.of("."));
    try {
      DirectoryReader reader = new DirectoryReader().reset(readable);
      while (reader.next()) {
        found.add(new Name().set(reader.name()));
      }
    } finally {
      Fd.close(readable);
    }
    for (Name name : found) {
      remove(base, name);
    }
  }

  private static void empty(
      int base, Name directory, DirectoryReader reader, ArrayDeque<Name> later)
      throws ErrnoException {
    int readable = open(base, directory);
    try {
      boolean removed = true;
      // Removing while reading may skip entries on some filesystems: read until nothing is left.
      while (removed) {
        removed = false;
        Fd.seek(readable, 0, Fd.SEEK_SET);
        reader.reset(readable);
        while (reader.next()) {
          removeEntry(base, readable, reader, later);
          removed = true;
        }
      }
    } finally {
      Fd.close(readable);
    }
  }

  private static void removeEntry(
      int base, int directory, DirectoryReader reader, ArrayDeque<Name> later)
      throws ErrnoException {
    if (reader.type() != FileMode.directoryType(FileMode.S_IFDIR)) {
      try {
        At.unlink(directory, reader.name());
        return;
      } catch (ErrnoException e) {
        if (e.errno() != Errno.EISDIR) {
          throw e;
        }
      }
    }
    Name moved =
        Name.of(".removed-" + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet());
    try {
      At.rename(directory, reader.name(), base, moved, At.RENAME_NOREPLACE);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EACCES) {
        throw e;
      }
      // Moving a directory changes its "..", which takes write permission on it (rename(2)).
      At.chmod(directory, reader.name(), OWNER_ACCESS);
      At.rename(directory, reader.name(), base, moved, At.RENAME_NOREPLACE);
    }
    later.add(moved);
  }

  private static int open(int dirfd, Name name) throws ErrnoException {
    At.chmod(dirfd, name, OWNER_ACCESS);
    return At.open(dirfd, name, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
  }
}
