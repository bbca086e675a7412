package dev.lamina.overlay.promote;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Whiteouts as names of one inode, as kernel overlayfs makes them: another name costs a fraction of
 * what a new inode costs, and no inode. The inode is the whiteout that was made last as one of its
 * own, kept open; when all its names are gone, or it has as many as the filesystem allows, the next
 * whiteout gets an inode and is it. So nothing is kept in work, and nothing left there by a crash.
 * Thread-safe.
 */
final class SharedWhiteout implements AutoCloseable {
  private static final int NONE = -1;
  private static final long WHITEOUT_DEVICE = 0;

  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  /** An {@code O_PATH} descriptor, used under the shared lock and replaced under the other. */
  private int inode = NONE;

  /** Turned off where the filesystem, or its rules, have no such links. */
  private volatile boolean linkable = true;

  /** Makes a whiteout where nothing is. */
  void make(int dirfd, Name name) throws ErrnoException {
    if (linkable && link(dirfd, name)) {
      return;
    }
    At.mknod(dirfd, name, FileMode.S_IFCHR, WHITEOUT_DEVICE);
    if (linkable) {
      keep(dirfd, name);
    }
  }

  /** False where it takes an inode of its own. */
  private boolean link(int dirfd, Name name) throws ErrnoException {
    lock.readLock().lock();
    try {
      if (inode == NONE) {
        return false;
      }
      At.linkDescriptor(inode, dirfd, name);
      return true;
    } catch (ErrnoException e) {
      switch (e.errno()) {
        case Errno.ENOENT, Errno.EMLINK -> {}
        case Errno.EPERM, Errno.EACCES, Errno.EXDEV, Errno.EOPNOTSUPP -> linkable = false;
        default -> throw e;
      }
      return false;
    } finally {
      lock.readLock().unlock();
    }
  }

  private void keep(int dirfd, Name name) {
    int fresh;
    try {
      fresh = At.open(dirfd, name, OpenFlags.O_PATH, 0);
    } catch (ErrnoException e) {
      // Without descriptors to spare each has an inode.
      fresh = NONE;
    }
    replace(fresh);
  }

  private void replace(int fresh) {
    lock.writeLock().lock();
    try {
      if (inode != NONE) {
        Fd.close(inode);
      }
      inode = fresh;
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Override
  public void close() {
    linkable = false;
    replace(NONE);
  }
}
