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

  /**
   * Where an open reads and writes.
   *
   * @param source what the data was in when {@code fd} was opened
   * @param fd of that; of the upper's object where the data is partial
   */
  record Place(DataSource source, int fd) {}

  private final FileNode node;
  private final int flags;
  private volatile Place place;

  /** The former descriptor once the data moved: others may still be reading from it. */
  @GuardedBy("this")
  private int retired = NONE;

  OpenFile(FileNode node, int flags, int fd, DataSource source) {
    this.node = node;
    this.flags = flags;
    this.place = new Place(source, fd);
  }

  FileNode node() {
    return node;
  }

  /** Whether the open has {@code flag} of {@link OpenFlags}. */
  boolean has(int flag) {
    return (flags & flag) == flag;
  }

  boolean writes() {
    return OpenFlags.writes(flags);
  }

  /** Where the data is now. */
  Place place(TreeLock lock) throws ErrnoException {
    Place known = place;
    if (known.source != node.data()) {
      follow(lock);
      return place;
    }
    return known;
  }

  /** The descriptor, if the file may be changed by it, else -1. */
  int fdForWriting() {
    Place now = place;
    return writes() && !isBelow(now.source) ? now.fd : NONE;
  }

  /** Whether data is in a lower as a whole, so that it cannot be changed where it is. */
  static boolean isBelow(DataSource source) {
    return !(source instanceof DataSource.InUpper || source instanceof DataSource.Partial);
  }

  private void follow(TreeLock lock) throws ErrnoException {
    lock.shared().lock();
    try {
      synchronized (this) {
        // Asked before the open: a move in between only makes the next call look once more.
        DataSource now = node.data();
        if (place.source == now) {
          return;
        }
        if (!isBelow(place.source)) {
          // What was partial is whole: the object is the same.
          place = new Place(now, place.fd);
          return;
        }
        RealObject object = RealObject.ofData(node);
        try {
          int moved = object.open(flags & ~OpenFlags.O_TRUNC);
          retired = place.fd;
          place = new Place(now, moved);
        } finally {
          object.letGo();
        }
      }
    } finally {
      lock.shared().unlock();
    }
  }

  synchronized void close() {
    if (retired != NONE) {
      Fd.close(retired);
    }
    Fd.close(place.fd);
  }
}
