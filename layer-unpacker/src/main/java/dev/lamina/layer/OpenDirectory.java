package dev.lamina.layer;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.owner.OwnerRecords;

/**
 * A directory of the layer while entries are made in it. It remembers the modification time that
 * the directory is to have and sets it when it is closed, so that times are right in the end
 * however entries are ordered, without a list of all directories.
 */
final class OpenDirectory {
  private final LayerPath path;
  private final int fd;
  private final boolean privileged;
  private long mtime;
  private int mtimeNanos;
  private boolean defaultAcl;
  private boolean lowerHidden;
  private boolean pinned;
  private boolean closed;

  /**
   * Takes over a descriptor.
   *
   * @param fd opened for reading; closed with this
   * @param privileged whether modes do not matter to this process
   */
  OpenDirectory(LayerPath path, int fd, Stat stat, boolean privileged, boolean defaultAcl) {
    this.path = path;
    this.fd = fd;
    this.privileged = privileged;
    this.mtime = stat.mtime;
    this.mtimeNanos = stat.mtimeNanos;
    this.defaultAcl = defaultAcl;
  }

  /** Where it is, by real directories: no component is a symbolic link. */
  LayerPath path() {
    return path;
  }

  int fd() {
    return fd;
  }

  /** Whether what is made here inherits an ACL, which a layer's entries must not. */
  boolean hasDefaultAcl() {
    return defaultAcl;
  }

  void setDefaultAcl(boolean present) {
    defaultAcl = present;
  }

  /** Whether nothing of the layers below shows here: it, or a directory above, is opaque. */
  boolean isLowerHidden() {
    return lowerHidden;
  }

  void hideLower() {
    lowerHidden = true;
  }

  /** Whether the cache must keep this open. */
  boolean isPinned() {
    return pinned;
  }

  void setPinned(boolean keepOpen) {
    pinned = keepOpen;
  }

  void setTime(long newMtime, int newNanos) {
    mtime = newMtime;
    mtimeNanos = newNanos;
  }

  /** Sets the permission bits. An ordinary user keeps access; his record has the others. */
  void setMode(int mode) throws ErrnoException {
    Fd.chmod(fd, privileged ? mode : (mode & 0777) | OwnerRecords.DIRECTORY_MODE);
  }

  /** Gives the directory its final time. */
  void close() throws ErrnoException {
    if (closed) {
      return;
    }
    try {
      Fd.utimens(fd, 0, At.UTIME_OMIT, mtime, mtimeNanos);
    } finally {
      abandon();
    }
  }

  /** Closes without the last touches: the layer is given up, or the directory deleted. */
  void abandon() {
    if (!closed) {
      closed = true;
      Fd.close(fd);
    }
  }
}
