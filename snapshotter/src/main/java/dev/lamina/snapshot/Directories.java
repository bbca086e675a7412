package dev.lamina.snapshot;

import dev.lamina.linux.At;
import dev.lamina.linux.DiskUsage;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.TreeRemoval;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The directories of snapshots, {@code snapshots/ID}: in each {@code fs}, what the snapshot itself
 * has, and {@code work} beside it for one that can be written to. Thread-safe, but not for two that
 * do something with the same id.
 */
final class Directories {
  private static final int READ = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
  private static final int PRIVATE = 0700;
  private static final int ROOT_MODE = 0755;
  private static final int MODE_BITS = 07777;

  /** Of a server that writes into what it has no mount of any more. */
  private static final int REMOVALS = 20;

  private static final long PAUSE_MILLIS = 50;

  private final Path root;
  private final Path top;

  private Directories(Path root) {
    this.root = root;
    this.top = root.resolve("snapshots");
  }

  /** Those of a root, which is made where it is missing. */
  static Directories in(Path root) throws IOException {
    Directories directories = new Directories(root);
    for (Path directory : new Path[] {directories.top, directories.empty()}) {
      try {
        At.mkdir(At.FDCWD, Name.of(directory.toString()), PRIVATE);
      } catch (ErrnoException e) {
        if (e.errno() != Errno.EEXIST) {
          throw e.about(directory);
        }
      }
    }
    return directories;
  }

  /** A directory in which nothing ever is. */
  Path empty() {
    return root.resolve("empty");
  }

  /** What the snapshot itself has. */
  Path upper(long id) {
    return home(id).resolve("fs");
  }

  Path work(long id) {
    return home(id).resolve("work");
  }

  private Path home(long id) {
    return top.resolve(Long.toString(id));
  }

  /**
   * Makes the directories of a snapshot; they are on stable storage when this returns.
   *
   * @param parent whose root directory gives the owner and mode of the new one; null for none
   */
  void make(long id, Kind kind, Long parent) throws IOException {
    int uid = 0;
    int gid = 0;
    int mode = ROOT_MODE;
    if (parent != null) {
      Stat stat = new Stat();
      int fd = open(upper(parent));
      try {
        At.stat(fd, stat);
      } finally {
        Fd.close(fd);
      }
      uid = stat.uid;
      gid = stat.gid;
      mode = stat.mode & MODE_BITS;
    }
    mkdir(home(id));
    mkdir(upper(id));
    int fd = open(upper(id));
    try {
      if (parent != null) {
        Fd.chown(fd, uid, gid);
      }
      // After the owner, whose change takes setuid and setgid away.
      Fd.chmod(fd, mode);
    } finally {
      Fd.close(fd);
    }
    if (kind == Kind.ACTIVE) {
      mkdir(work(id));
    }
    sync(home(id));
    sync(top);
  }

  private static void mkdir(Path path) throws ErrnoException, FileAlreadyExistsException {
    try {
      At.mkdir(At.FDCWD, Name.of(path.toString()), PRIVATE);
    } catch (ErrnoException e) {
      throw e.about(path);
    }
  }

  private static int open(Path path) throws ErrnoException {
    try {
      return At.openHostPath(Name.of(path.toString()), READ);
    } catch (ErrnoException e) {
      throw e.about(path);
    }
  }

  /** Makes the names of all that is directly in the root last. */
  void syncRoot() throws ErrnoException {
    sync(root);
  }

  private static void sync(Path directory) throws ErrnoException {
    int fd = open(directory);
    try {
      Fd.sync(fd);
    } finally {
      Fd.close(fd);
    }
  }

  /** What a snapshot itself takes at this moment. */
  Usage usage(long id) throws ErrnoException {
    int fd = open(upper(id));
    try {
      DiskUsage.Total total = DiskUsage.of(fd);
      return new Usage(total.bytes(), total.inodes());
    } finally {
      Fd.close(fd);
    }
  }

  /** Puts all that was written into a snapshot on stable storage. */
  void syncContents(long id) throws ErrnoException {
    int fd = open(upper(id));
    try {
      Fd.syncFilesystem(fd);
    } finally {
      Fd.close(fd);
    }
  }

  /** Deletes all of a snapshot's; none is no error. */
  void remove(long id) throws ErrnoException, InterruptedException {
    int fd = open(top);
    try {
      for (int turn = 1; ; turn++) {
        try {
          TreeRemoval.remove(fd, Name.of(Long.toString(id)));
          return;
        } catch (ErrnoException e) {
          boolean passes = e.errno() == Errno.ENOTEMPTY || e.errno() == Errno.ENOENT;
          if (!passes || turn == REMOVALS) {
            throw e.about(home(id));
          }
          Thread.sleep(PAUSE_MILLIS);
        }
      }
    } finally {
      Fd.close(fd);
    }
  }

  /** Ids of all that have directories. What is called otherwise is not ours. */
  Set<Long> ids() throws IOException {
    try (Stream<Path> entries = Files.list(top)) {
      Set<Long> ids = new HashSet<>();
      for (Path entry : entries.toList()) {
        String name = entry.getFileName().toString();
        if (name.matches("[1-9]\\d{0,17}")) {
          ids.add(Long.parseLong(name));
        }
      }
      return ids;
    }
  }
}
