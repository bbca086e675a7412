package dev.lamina.store;

import dev.lamina.image.ImageException;
import dev.lamina.linux.At;
import dev.lamina.linux.DirectoryReader;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.TreeRemoval;
import java.io.Closeable;
import java.nio.file.Path;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory below the store's {@code tmp} for what is not complete, locked as long as its process
 * lives. Whatever is found there without a lock was left by a process that died, and is deleted
 * when a store is opened.
 */
final class Staging implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Staging.class);
  private static final int DIRECTORY = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;

  private final int parent;
  private final Name name;
  private final Path path;
  private final int fd;

  private Staging(int parent, Name name, Path path, int fd) {
    this.parent = parent;
    this.name = name;
    this.path = path;
    this.fd = fd;
  }

  /** Makes a fresh directory below {@code tmp}. */
  static Staging create(Path tmp) throws ErrnoException {
    int parent = At.open(At.FDCWD, Name.of(tmp.toString()), DIRECTORY, 0);
    try {
      while (true) {
        String text = UUID.randomUUID().toString();
        Name name = Name.of(text);
        At.mkdir(parent, name, 0700);
        int fd = lock(parent, name);
        if (fd >= 0) {
          return new Staging(parent, name, tmp.resolve(text), fd);
        }
      }
    } catch (ErrnoException e) {
      Fd.close(parent);
      throw e;
    }
  }

  /**
   * Opens and locks a directory.
   *
   * @return -1 where somebody else has the lock, or had it and deleted the directory
   */
  private static int lock(int parent, Name name) throws ErrnoException {
    int fd = At.openIfExists(parent, name, DIRECTORY);
    if (fd < 0) {
      return -1;
    }
    Stat stat = new Stat();
    if (Fd.tryLockExclusive(fd)) {
      At.stat(fd, stat);
      if (stat.nlink > 0) {
        return fd;
      }
    }
    Fd.close(fd);
    return -1;
  }

  /** Deletes what processes that are gone left behind. */
  static void sweep(Path tmp) throws ErrnoException {
    int parent = At.open(At.FDCWD, Name.of(tmp.toString()), DIRECTORY, 0);
    try {
      DirectoryReader reader = new DirectoryReader().reset(parent);
      while (reader.next()) {
        Name name = Name.of(reader.name().toBytes());
        try {
          sweep(parent, name, tmp);
        } catch (ErrnoException e) {
          if (e.errno() == Errno.EROFS) {
            return;
          }
          LOG.warn("cannot delete {}: {}", tmp.resolve(name.toString()), e.getMessage());
        }
      }
    } finally {
      Fd.close(parent);
    }
  }

  private static void sweep(int parent, Name name, Path tmp) throws ErrnoException {
    int fd = lock(parent, name);
    if (fd < 0) {
      return;
    }
    try {
      LOG.info("deleting {}, left by an interrupted run", tmp.resolve(name.toString()));
      remove(parent, name);
    } finally {
      Fd.close(fd);
    }
  }

  private static void remove(int parent, Name name) throws ErrnoException {
    try {
      TreeRemoval.remove(parent, name);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
  }

  Path path() {
    return path;
  }

  /** Makes a directory in here. */
  Path directory(String child) throws ErrnoException {
    At.mkdir(fd, Name.of(child), 0700);
    return path.resolve(child);
  }

  /**
   * Notes that this process is going to use something: who takes things away (under the exclusive
   * {@link StoreLock}) leaves it as long as this directory is there. For one who holds the lock and
   * has seen that it is there, or makes it.
   */
  void pin(Pin pin) throws ErrnoException {
    int file = At.open(fd, Name.of(pin.fileName()), OpenFlags.O_WRONLY | OpenFlags.O_CREAT, 0600);
    Fd.close(file);
  }

  /** Brings all that was written in here to stable storage. */
  void sync() throws ErrnoException {
    Fd.syncFilesystem(fd);
  }

  /**
   * Moves {@code child} into place, unless somebody was faster.
   *
   * @return whether it was moved
   */
  boolean publish(String child, Path directory, String as) throws ErrnoException {
    int to = At.open(At.FDCWD, Name.of(directory.toString()), DIRECTORY, 0);
    try {
      At.rename(fd, Name.of(child), to, Name.of(as), At.RENAME_NOREPLACE);
      Fd.sync(to);
      return true;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EEXIST || e.errno() == Errno.ENOTEMPTY) {
        return false;
      }
      throw e;
    } finally {
      Fd.close(to);
    }
  }

  /** Moves a file into place, over what is there. */
  void replace(String child, Path directory, String as) throws ErrnoException {
    int to = At.open(At.FDCWD, Name.of(directory.toString()), DIRECTORY, 0);
    try {
      At.rename(fd, Name.of(child), to, Name.of(as), 0);
      Fd.sync(to);
    } finally {
      Fd.close(to);
    }
  }

  /** Deletes the directory with all that was not published. */
  @Override
  public void close() throws ImageException {
    try {
      remove(parent, name);
    } catch (ErrnoException e) {
      throw new ImageException(
          ImageException.Kind.HOST, "cannot delete " + path + ": " + e.getMessage(), e);
    } finally {
      Fd.close(fd);
      Fd.close(parent);
    }
  }
}
