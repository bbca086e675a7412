package dev.lamina.layer;

import dev.lamina.layer.tar.TarXattr;
import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import dev.lamina.overlay.owner.OwnerRecords;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Gives new objects their owner, mode, extended attributes and times, in the order that Linux asks
 * for: chown clears setuid bits and {@code security.capability}, and chmod rewrites the mask of an
 * ACL, so owner comes first, then mode, then attributes, then times.
 *
 * <p>A process that is not root cannot chown. Owner, mode and type then go into a record ({@link
 * OwnerRecords#STORE}), from where a mount of the layer shows them, and the objects themselves stay
 * accessible to their owner. ACLs are left out: they would speak of that owner.
 */
final class Attributes {
  private static final Name ACCESS_ACL = Name.of("system.posix_acl_access");

  /** What is common to an entry of an archive and a file of a lower layer. */
  record Values(int uid, int gid, int mode, long mtime, int mtimeNanos, List<TarXattr> xattrs) {}

  private final LayerContext context;
  private final Stat record = new Stat();
  private final Name xattrName = new Name();
  private final NativeMemory value = NativeMemory.allocate(Xattr.SIZE_MAX);

  Attributes(LayerContext context) {
    this.context = context;
  }

  /** For a regular file just made, open as {@code fd}. */
  void applyToFile(OpenDirectory parent, int fd, Values values) throws ErrnoException {
    applyToFile(parent, fd, values, FileMode.S_IFREG, 0);
  }

  /**
   * For a regular file just made, open as {@code fd}.
   *
   * @param type what it stands in for, if it is not itself: type bits as in {@code st_mode}
   */
  void applyToFile(OpenDirectory parent, int fd, Values values, int type, long device)
      throws ErrnoException {
    if (context.privileged) {
      Fd.chown(fd, values.uid, values.gid);
      if (parent.hasDefaultAcl()) {
        removeInherited(fd, ACCESS_ACL);
      }
      Fd.chmod(fd, values.mode);
      setXattrs(fd, values.xattrs);
    } else {
      Fd.chmod(fd, (values.mode & 0777) | OwnerRecords.FILE_MODE);
      setXattrs(fd, values.xattrs);
      recordOwner(fd, values, type, device);
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
      recordOwner(fd, values, FileMode.S_IFDIR, 0);
    }
    directory.setDefaultAcl(Xattr.get(fd, DirectoryCache.DEFAULT_ACL, value, 0, 0) >= 0);
    directory.setTime(values.mtime, values.mtimeNanos);
  }

  /** Makes a device or FIFO; for an ordinary user, an empty file that stands in for it. */
  void makeNode(OpenDirectory parent, Name name, int type, long device, Values values)
      throws ErrnoException {
    if (context.privileged) {
      At.mknod(parent.fd(), name, type | 0600, device);
      applyToNode(parent, name, values, false);
      return;
    }
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
    int fd = At.open(parent.fd(), name, flags, OwnerRecords.FILE_MODE);
    try {
      applyToFile(parent, fd, values, type, device);
    } finally {
      Fd.close(fd);
    }
  }

  /** For a symbolic link or FIFO, by name: these cannot be opened. */
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
      if (stored == null || (!context.privileged && OwnerRecords.isAcl(xattrName.set(stored)))) {
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

  private void recordOwner(int fd, Values values, int type, long device) throws ErrnoException {
    record.uid = values.uid;
    record.gid = values.gid;
    record.mode = type | (values.mode & FileMode.PERMISSIONS);
    record.rdev = device;
    try {
      OwnerRecords.STORE.write(fd, record);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EOPNOTSUPP) {
        throw e;
      }
      context.skipped.add(XattrPolicy.OVERRIDE_STAT.getBytes(StandardCharsets.US_ASCII));
    }
  }
}
