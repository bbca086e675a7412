package dev.lamina.overlay;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.OpenFlags;
import dev.lamina.overlay.node.DataSource;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.RealObject;
import dev.lamina.overlay.node.TreeLock;

/**
 * One open of one file. When the file's data moves, because somebody promotes it, the open follows,
 * so that every descriptor sees the same data.
 */
final class OpenFile {
  private static final int NONE = -1;

  private final FileNode node;
  private final int flags;
  private volatile int fd;

  /** What {@link #fd} was opened from; it moves once at most. */
  private volatile DataSource source;

  /** The former descriptor once the data moved: others may still be reading from it. */
  @GuardedBy("this")
  private int retired = NONE;

  OpenFile(FileNode node, int flags, int fd, DataSource source) {
    this.node = node;
    this.flags = flags;
    this.fd = fd;
    this.source = source;
  }

  FileNode node() {
    return node;
  }

  /** A descriptor of the data where it is now. */
  int fd(TreeLock lock) throws ErrnoException {
    if (source != node.data()) {
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
        // Asked before the open: a move in between only makes the next call look once more.
        DataSource now = node.data();
        if (source == now) {
          return;
        }
        RealObject object = RealObject.ofData(node);
        try {
          int moved = object.open(flags & ~OpenFlags.O_TRUNC);
          retired = fd;
          fd = moved;
          source = now;
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
