package dev.lamina.layer;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;

/**
 * How a stored layer says "deleted" and "nothing below shows through". The names are part of the
 * store's format.
 */
public enum Dialect {
  /** Kernel overlayfs: char 0:0, {@code trusted.overlay.opaque}. Needs CAP_SYS_ADMIN. */
  TRUSTED("trusted.overlay."),

  /**
   * Kernel overlayfs with {@code userxattr}: char 0:0 (which Linux 5.8 lets anyone make), {@code
   * user.overlay.opaque}.
   */
  USER("user.overlay."),

  /** Empty files {@code .wh.NAME} and {@code .wh..wh..opq}, which any filesystem can hold. */
  AUFS("");

  private static final Name OPAQUE_FILE_NAME = Name.of(WhiteoutName.OPAQUE_FILE);
  private static final byte[] YES = {'y'};
  private static final Name PROBE = Name.of("probe");
  private static final Name HERE = Name.of(".");

  private final String xattrPrefix;

  Dialect(String xattrPrefix) {
    this.xattrPrefix = xattrPrefix;
  }

  private Name opaqueXattr() {
    return Name.of(xattrPrefix + "opaque");
  }

  /** The best dialect that this process may write in {@code scratch}, an empty directory. */
  public static Dialect probe(int scratch) throws ErrnoException {
    try {
      At.mknod(scratch, PROBE, FileMode.S_IFCHR, 0);
      At.unlink(scratch, PROBE);
    } catch (ErrnoException e) {
      return AUFS;
    }
    return canSet(scratch, TRUSTED) ? TRUSTED : canSet(scratch, USER) ? USER : AUFS;
  }

  private static boolean canSet(int scratch, Dialect dialect) {
    try {
      Xattr.set(scratch, dialect.opaqueXattr(), YES, 0);
      Xattr.remove(scratch, dialect.opaqueXattr());
      return true;
    } catch (ErrnoException e) {
      return false;
    }
  }

  /** Whether {@code name} of {@code stat} is itself a whiteout. */
  boolean isWhiteout(Stat stat) {
    return this != AUFS && stat.isCharDevice00();
  }

  /** Whether a whiteout of {@code name} stands in {@code dirfd}. */
  boolean hasWhiteout(int dirfd, byte[] name, Stat scratch) throws ErrnoException {
    if (this == AUFS) {
      return name.length + WhiteoutName.PREFIX.length <= Name.NAME_MAX
          && At.stat(dirfd, new Name().set(WhiteoutName.PREFIX, name), scratch);
    }
    return At.stat(dirfd, Name.of(name), scratch) && scratch.isCharDevice00();
  }

  /** Hides {@code name}; nothing of that name may be there. */
  void writeWhiteout(int dirfd, byte[] name) throws ErrnoException {
    Name whiteout = this == AUFS ? new Name().set(WhiteoutName.PREFIX, name) : Name.of(name);
    if (this == AUFS) {
      touch(dirfd, whiteout);
    } else {
      At.mknod(dirfd, whiteout, FileMode.S_IFCHR, 0);
    }
    // A layer always unpacks to the same tree.
    At.utimens(dirfd, whiteout, 0, At.UTIME_OMIT, 0, 0);
  }

  /** Takes back what {@link #writeWhiteout} made. */
  void removeWhiteout(int dirfd, byte[] name) throws ErrnoException {
    At.unlink(dirfd, this == AUFS ? new Name().set(WhiteoutName.PREFIX, name) : Name.of(name));
  }

  /** Marks the directory open as {@code fd}. */
  void setOpaque(int fd) throws ErrnoException {
    if (this == AUFS) {
      touch(fd, OPAQUE_FILE_NAME);
    } else {
      Xattr.set(fd, opaqueXattr(), YES, 0);
    }
  }

  boolean isOpaque(int fd, Stat scratch) throws ErrnoException {
    if (this == AUFS) {
      return At.stat(fd, OPAQUE_FILE_NAME, scratch);
    }
    byte[] value = Xattr.get(fd, HERE, opaqueXattr());
    return value != null && value.length == 1 && value[0] == 'y';
  }

  private static void touch(int dirfd, Name name) throws ErrnoException {
    try {
      Fd.close(
          At.open(dirfd, name, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL, 0600));
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
    }
  }
}
