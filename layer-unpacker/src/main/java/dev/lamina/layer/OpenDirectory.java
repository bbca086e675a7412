package dev.lamina.layer;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Stat;

/**
 * A directory of the layer while entries are made in it. It remembers the modification time that
 * the directory is to have and sets it when it is closed, so that times are right in the end
 * however entries are ordered, without a list of all directories. The same for a mode that would
 * lock an ordinary user out of the directory.
 */
final class OpenDirectory {
  /** What an ordinary user needs to work in a directory of his. */
  static final int OWNER_ACCESS = 0700;

  private final LayerPath path;
  private final int fd;
  private final boolean privileged;
  private int mode;
  private long mtime;
  private int mtimeNanos;
  private boolean defaultAcl;
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
    this.mode = stat.mode & FileMode.PERMISSIONS;
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

  void setTime(long newMtime, int newNanos) {
    mtime = newMtime;
    mtimeNanos = newNanos;
  }

  /** Sets the permission bits, which an ordinary user keeps access through until the close. */
  void setMode(int newMode) throws ErrnoException {
    mode = newMode;
    Fd.chmod(fd, accessible(newMode));
  }

  /** Lets an ordinary user in until the close. */
  void gainAccess() throws ErrnoException {
    if (accessible(mode) != mode) {
      Fd.chmod(fd, accessible(mode));
    }
  }

  private int accessible(int wanted) {
    return privileged ? wanted : wanted | OWNER_ACCESS;
  }

  /** Gives the directory its final mode and time. */
  void close() throws ErrnoException {
    if (closed) {
      return;
    }
    try {
      if (accessible(mode) != mode) {
        Fd.chmod(fd, mode);
      }
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
