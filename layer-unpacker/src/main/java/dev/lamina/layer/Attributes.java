package dev.lamina.layer;

import dev.lamina.layer.tar.TarXattr;
import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Xattr;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Gives new objects their owner, mode, extended attributes and times, in the order that Linux asks
 * for: chown clears setuid bits and {@code security.capability}, and chmod rewrites the mask of an
 * ACL, so owner comes first, then mode, then attributes, then times.
 *
 * <p>A process that is not root cannot chown. The owner, mode and type then go into {@value
 * XattrPolicy#OVERRIDE_STAT} of files and directories, from where a mount with {@code
 * xattr_permissions} shows them.
 */
final class Attributes {
  private static final Name ACCESS_ACL = Name.of("system.posix_acl_access");
  private static final Name OVERRIDE_STAT = Name.of(XattrPolicy.OVERRIDE_STAT);
  private static final int OWNER_WRITE = 0600;

  /** What is common to an entry of an archive and a file of a lower layer. */
  record Values(int uid, int gid, int mode, long mtime, int mtimeNanos, List<TarXattr> xattrs) {}

  private final LayerContext context;
  private final Name xattrName = new Name();
  private final NativeMemory value = NativeMemory.allocate(Xattr.SIZE_MAX);

  Attributes(LayerContext context) {
    this.context = context;
  }

  /** For a regular file just made, open as {@code fd}. */
  void applyToFile(OpenDirectory parent, int fd, Values values, String type) throws ErrnoException {
    if (context.privileged) {
      Fd.chown(fd, values.uid, values.gid);
      if (parent.hasDefaultAcl()) {
        removeInherited(fd, ACCESS_ACL);
      }
      Fd.chmod(fd, values.mode);
      setXattrs(fd, values.xattrs);
    } else {
      // Attributes first: setting one needs write permission, which the mode may not give.
      Fd.chmod(fd, values.mode | OWNER_WRITE);
      setXattrs(fd, values.xattrs);
      recordOwner(fd, values, type);
      if ((values.mode | OWNER_WRITE) != values.mode) {
        Fd.chmod(fd, values.mode);
      }
    }
    Fd.utimens(fd, 0, At.UTIME_OMIT, values.mtime, values.mtimeNanos);
  }

  /** For a directory; its time is set when it is closed. */
  void applyToDirectory(OpenDirectory parent, OpenDirectory directory, Values values, boolean old)
      throws ErrnoException {
    int fd = directory.fd();
    if (context.privileged) {
      Fd.chown(fd, values.uid, values.gid);
    }
    if (old) {
      clearXattrs(fd);
    } else if (parent.hasDefaultAcl()) {
      removeInherited(fd, ACCESS_ACL);
      removeInherited(fd, DirectoryCache.DEFAULT_ACL);
    }
    directory.setMode(values.mode);
    setXattrs(fd, values.xattrs);
    if (!context.privileged) {
      recordOwner(fd, values, "dir");
    }
    directory.setDefaultAcl(Xattr.get(fd, DirectoryCache.DEFAULT_ACL, value, 0, 0) >= 0);
    directory.setTime(values.mtime, values.mtimeNanos);
  }

  /** For a symbolic link, device or FIFO, by name: these cannot be opened. */
  void applyToNode(OpenDirectory parent, Name name, Values values, boolean symlink)
      throws ErrnoException {
    int dirfd = parent.fd();
    if (context.privileged) {
      At.chown(dirfd, name, values.uid, values.gid);
    }
    if (!symlink) {
      At.chmod(dirfd, name, values.mode);
    }
    for (TarXattr xattr : values.xattrs) {
      byte[] stored = XattrPolicy.storedName(xattr.name());
      if (stored == null) {
        context.skipped.add(xattr.name());
        continue;
      }
      try {
        int size = fill(xattr);
        Xattr.set(dirfd, name, xattrName.set(stored), value, 0, size, 0);
      } catch (ErrnoException e) {
        skipOrThrow(xattr, e);
      }
    }
    At.utimens(dirfd, name, 0, At.UTIME_OMIT, values.mtime, values.mtimeNanos);
  }

  private void setXattrs(int fd, List<TarXattr> xattrs) throws ErrnoException {
    for (TarXattr xattr : xattrs) {
      byte[] stored = XattrPolicy.storedName(xattr.name());
      if (stored == null) {
        context.skipped.add(xattr.name());
        continue;
      }
      try {
        int size = fill(xattr);
        Xattr.set(fd, xattrName.set(stored), value, 0, size, 0);
      } catch (ErrnoException e) {
        skipOrThrow(xattr, e);
      }
    }
  }

  private int fill(TarXattr xattr) throws ErrnoException {
    int size = xattr.value().length;
    if (size > Xattr.SIZE_MAX) {
      throw new ErrnoException(Errno.E2BIG, "setxattr of " + size + " bytes");
    }
    value.put(0, xattr.value(), 0, size);
    return size;
  }

  /** What this filesystem or process cannot hold is skipped with a note; the rest is an error. */
  private void skipOrThrow(TarXattr xattr, ErrnoException e) throws ErrnoException {
    if (e.errno() != Errno.EOPNOTSUPP && e.errno() != Errno.EPERM) {
      throw e.about(Name.printable(xattr.name()));
    }
    context.skipped.add(xattr.name());
  }

  private void clearXattrs(int fd) throws ErrnoException {
    int size = Xattr.list(fd, value, 0, Xattr.SIZE_MAX);
    byte[] names = value.copy(0, size);
    int from = 0;
    for (int i = 0; i < size; i++) {
      if (names[i] == 0) {
        byte[] name = Arrays.copyOfRange(names, from, i);
        if (!XattrPolicy.isMark(name)) {
          Xattr.remove(fd, xattrName.set(name));
        }
        from = i + 1;
      }
    }
  }

  private static void removeInherited(int fd, Name name) throws ErrnoException {
    try {
      Xattr.remove(fd, name);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENODATA && e.errno() != Errno.EOPNOTSUPP) {
        throw e;
      }
    }
  }

  private void recordOwner(int fd, Values values, String type) throws ErrnoException {
    byte[] record =
        String.format(
                "%s:%s:%04o:%s",
                Integer.toUnsignedString(values.uid),
                Integer.toUnsignedString(values.gid),
                values.mode,
                type)
            .getBytes(StandardCharsets.US_ASCII);
    value.put(0, record, 0, record.length);
    try {
      Xattr.set(fd, OVERRIDE_STAT, value, 0, record.length, 0);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EOPNOTSUPP) {
        throw e;
      }
      context.skipped.add(OVERRIDE_STAT.toBytes());
    }
  }
}
