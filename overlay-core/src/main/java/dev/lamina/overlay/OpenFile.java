package dev.lamina.overlay;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.OpenFlags;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.RealObject;
import dev.lamina.overlay.node.TreeLock;

/**
 * One open of one file. An open of a lower file follows its file into the upper when somebody else
 * promotes it, so that every descriptor sees the same data.
 */
final class OpenFile {
  private static final int NONE = -1;

  private final FileNode node;
  private final int flags;
  private volatile int fd;
  private volatile boolean lower;

  /** The lower's descriptor once the file was promoted: others may still be reading from it. */
  @GuardedBy("this")
  private int retired = NONE;

  OpenFile(FileNode node, int flags, int fd, boolean lower) {
    this.node = node;
    this.flags = flags;
    this.fd = fd;
    this.lower = lower;
  }

  FileNode node() {
    return node;
  }

  /** The descriptor of the file where it lives now. */
  int fd(TreeLock lock) throws ErrnoException {
    if (lower && node.inUpper()) {
      follow(lock);
    }
    return fd;
  }

  /** The descriptor, if it may be written to, else -1. */
  int fdForWriting() {
    return OpenFlags.writes(flags) ? fd : NONE;
  }

  private void follow(TreeLock lock) throws ErrnoException {
    lock.shared().lock();
    try {
      synchronized (this) {
        if (!lower) {
          return;
        }
        RealObject object = RealObject.ofThread(node);
        try {
          int upper = object.open(flags & ~OpenFlags.O_TRUNC);
          retired = fd;
          fd = upper;
          lower = false;
        } finally {
          object.letGo();
        }
      }
    } finally {
      lock.shared().unlock();
    }
  }

  void close() {
    synchronized (this) {
      if (retired != NONE) {
        Fd.close(retired);
      }
    }
    Fd.close(fd);
  }
}
