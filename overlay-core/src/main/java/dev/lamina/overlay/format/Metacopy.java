package dev.lamina.overlay.format;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Xattr;

/**
 * The mark of a regular file that has no data of its own: {@code overlay.metacopy}
 * (filesystems/overlayfs.rst, "Metadata only copy up"). Its size is the file's, its data that of
 * the file of the same name further down, or where its {@link Redirect} leads.
 *
 * <p>The value is empty, or a header of four bytes and an fs-verity digest of the data. Digests are
 * neither written nor verified, as by kernel overlayfs without {@code verity=}.
 */
public final class Metacopy {
  private static final byte[] NO_DIGEST = {};
  private static final int HEADER = 4;
  private static final NativeMemory NO_ROOM = NativeMemory.allocate(1);

  private Metacopy() {}

  /**
   * Whether the regular file {@code name} is marked.
   *
   * @throws ErrnoException EIO for a value that is neither empty nor has a header, as kernel
   *     overlayfs (Linux 6.18)
   */
  public static boolean isMarked(int dirfd, Name name, XattrNamespace xattrs)
      throws ErrnoException {
    int size = Xattr.get(dirfd, name, xattrs.metacopy(), NO_ROOM, 0, 0);
    if (size > 0 && size < HEADER) {
      throw new ErrnoException(Errno.EIO, "metacopy mark of " + name + " is too short");
    }
    return size >= 0;
  }

  /** Whether the open file {@code fd} is marked. */
  public static boolean isMarked(int fd, XattrNamespace xattrs) throws ErrnoException {
    return Xattr.get(fd, xattrs.metacopy(), NO_ROOM, 0, 0) >= 0;
  }

  /** Marks {@code name}. EOPNOTSUPP or ENOSPC where the filesystem cannot hold the mark. */
  public static void mark(int dirfd, Name name, XattrNamespace xattrs) throws ErrnoException {
    Xattr.set(dirfd, name, xattrs.metacopy(), NO_DIGEST, 0);
  }

  /** Takes the mark from the open file {@code fd}, which has its data now. */
  public static void unmark(int fd, XattrNamespace xattrs) throws ErrnoException {
    Xattr.remove(fd, xattrs.metacopy());
  }
}
