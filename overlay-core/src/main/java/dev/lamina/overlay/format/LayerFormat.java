package dev.lamina.overlay.format;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * How one layer is read: which dialects its marks may be in.
 *
 * <p>{@link #kernel} costs the least: one xattr per directory, nothing per name. {@link #any}
 * understands AUFS and fuse-overlayfs marks as well, for layers that other tools unpacked, and pays
 * one more {@code stat} for a name that a layer has not.
 */
public final class LayerFormat {
  private static final byte[] FUSE_OVERLAYFS_PREFIX =
      "user.fuseoverlayfs.".getBytes(StandardCharsets.US_ASCII);

  private final XattrNamespace xattrs;
  private final Dialect[] dialects;

  private LayerFormat(XattrNamespace xattrs, List<Dialect> dialects) {
    this.xattrs = xattrs;
    this.dialects = dialects.toArray(Dialect[]::new);
  }

  /** Kernel overlayfs marks only, so that {@code .wh.NAME} is a name like any other. */
  public static LayerFormat kernel(XattrNamespace xattrs) {
    return new LayerFormat(xattrs, List.of(new KernelDialect(xattrs)));
  }

  /** Marks of every dialect; names that begin with {@code .wh.} are never visible. */
  public static LayerFormat any(XattrNamespace xattrs) {
    return new LayerFormat(
        xattrs, List.of(new KernelDialect(xattrs), new AufsDialect(), new FuseOverlayfsDialect()));
  }

  /** Whether directory {@code name} hides what lower layers have under that name. */
  public boolean isOpaque(int dirfd, Name name) throws ErrnoException {
    for (Dialect dialect : dialects) {
      if (dialect.isOpaque(dirfd, name)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the existing entry {@code name} is a whiteout or another mark, never visible. */
  public boolean isWhiteout(int dirfd, Name name, Stat stat) throws ErrnoException {
    for (Dialect dialect : dialects) {
      if (dialect.isWhiteout(dirfd, name, stat)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the directory itself may hold regular files that are whiteouts. */
  public boolean holdsXattrWhiteouts(int dirfd) throws ErrnoException {
    for (Dialect dialect : dialects) {
      if (dialect.holdsXattrWhiteouts(dirfd)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a mark hides {@code name}, which this directory has not itself. */
  public boolean hidesAbsent(int dirfd, Name name) throws ErrnoException {
    for (Dialect dialect : dialects) {
      if (dialect.hidesAbsent(dirfd, name)) {
        return true;
      }
    }
    return false;
  }

  /** Whether {@code name} is spelled as a mark and so can name nothing in the merged tree. */
  public boolean isMark(Name name) {
    for (Dialect dialect : dialects) {
      if (dialect.isMark(name)) {
        return true;
      }
    }
    return false;
  }

  /** The name that the mark {@code mark} hides in the layers below. */
  public static byte[] hiddenBy(Name mark) {
    byte[] bytes = mark.toBytes();
    return Arrays.copyOfRange(bytes, AufsDialect.WHITEOUT_PREFIX.length, bytes.length);
  }

  /** The mark that hides {@code name} in the AUFS dialect. */
  public static Name aufsWhiteout(Name name) {
    return new Name().set(AufsDialect.WHITEOUT_PREFIX, name);
  }

  /** Whether users of the merged tree do not see {@code attribute}. */
  public boolean isPrivate(Name attribute) {
    return xattrs.isPrivate(attribute)
        || (dialects.length > 1 && attribute.startsWith(FUSE_OVERLAYFS_PREFIX));
  }

  /**
   * Makes the directory {@code name} opaque. An upper without xattrs that may hold AUFS marks gets
   * one of those.
   *
   * @throws ErrnoException EIO where no mark can be kept, as kernel overlayfs
   */
  public void markOpaque(int dirfd, Name name) throws ErrnoException {
    try {
      Xattr.set(dirfd, name, xattrs.opaque(), new byte[] {'y'}, 0);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EOPNOTSUPP) {
        throw e;
      }
      if (dialects.length == 1) {
        throw new ErrnoException(Errno.EIO, "an opaque directory without xattrs");
      }
      AufsDialect.markOpaque(dirfd, name);
    }
  }

  /** Where this layer's private xattrs are. */
  public XattrNamespace xattrs() {
    return xattrs;
  }
}
