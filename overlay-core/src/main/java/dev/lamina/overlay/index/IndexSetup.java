package dev.lamina.overlay.index;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileHandle;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import dev.lamina.overlay.format.OriginHandle;
import dev.lamina.overlay.format.XattrNamespace;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.origin.Origins;
import java.util.Arrays;

/**
 * Opens the index of a stack, or makes it. An index is of use with its own upper and lowers only,
 * so both sides are noted at first use and compared later, as kernel overlayfs does: {@code
 * overlay.origin} of the upper's root is the topmost lower's root, {@code overlay.upper} of the
 * index the upper's.
 */
public final class IndexSetup {
  private static final Name INDEX = Name.of("index");
  private static final Name SELF = Name.of(".");

  private final LayerDir[] roots;
  private final Origins origins;
  private final XattrNamespace xattrs;

  private IndexSetup(LayerDir[] roots, Origins origins) {
    this.roots = roots;
    this.origins = origins;
    this.xattrs = roots[0].layer().format().xattrs();
  }

  /**
   * Opens the index, and sweeps what a crash left in it.
   *
   * @param work the user's work directory
   * @param roots of all layers, the first of which is the upper's
   * @throws ErrnoException EOPNOTSUPP where these layers can have no index; ESTALE where it belongs
   *     to other layers, EINVAL or ENODATA where something in it is no entry
   */
  public static IndexDirectory open(int work, LayerDir[] roots, Origins origins)
      throws ErrnoException {
    IndexSetup setup = new IndexSetup(roots, origins);
    setup.requireSupport();
    setup.verifyUpper();
    try {
      At.mkdir(work, INDEX, 0);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e.about("index in the work directory");
      }
    }
    int fd = At.open(work, INDEX, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    try {
      setup.verify(fd, setup.xattrs.upper(), setup.upperHandle(), "work/index");
      return new IndexDirectory(fd, setup.xattrs, origins, IndexSweep.run(fd, roots, origins));
    } catch (ErrnoException | RuntimeException e) {
      Fd.close(fd);
      throw e;
    }
  }

  /** All lowers must have handles that lead back to them, and the xattrs must suit all types. */
  private void requireSupport() throws ErrnoException {
    if (xattrs != XattrNamespace.TRUSTED) {
      throw unsupported("private xattrs are user.*, which symbolic links cannot have");
    }
    for (int i = 1; i < roots.length; i++) {
      Stat expected = new Stat();
      Stat found = new Stat();
      OriginHandle handle = OriginHandle.decode(originOf(roots[i], expected));
      if (handle == null || origins.find(handle, found) == null || found.ino != expected.ino) {
        throw unsupported(roots[i] + " has no file handles that this process may open");
      }
    }
  }

  private static ErrnoException unsupported(String why) {
    return new ErrnoException(Errno.EOPNOTSUPP, why);
  }

  private byte[] originOf(LayerDir root, Stat stat) throws ErrnoException {
    int fd = root.pin();
    try {
      At.stat(fd, stat);
      return origins.valueOf(root.layer(), fd, SELF);
    } finally {
      root.unpin();
    }
  }

  private void verifyUpper() throws ErrnoException {
    byte[] lower = originOf(roots[1], new Stat());
    int fd = roots[0].pin();
    try {
      verify(fd, xattrs.origin(), lower, roots[0].toString());
    } finally {
      roots[0].unpin();
    }
  }

  private byte[] upperHandle() throws ErrnoException {
    int path = roots[0].pin();
    try {
      int fd = At.open(path, SELF, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
      try {
        byte[] uuid = Fd.filesystemUuid(fd);
        FileHandle handle = uuid == null ? null : FileHandle.of(path, SELF);
        if (handle == null) {
          throw unsupported(roots[0] + " has no file handles");
        }
        return new OriginHandle(uuid, handle).encodeOfUpper();
      } finally {
        Fd.close(fd);
      }
    } finally {
      roots[0].unpin();
    }
  }

  /** Compares what {@code directory} says, or makes it say so where it says nothing yet. */
  private void verify(int directory, Name attribute, byte[] expected, String what)
      throws ErrnoException {
    byte[] value = Xattr.get(directory, SELF, attribute);
    if (value == null) {
      Xattr.set(directory, SELF, attribute, expected, 0);
    } else if (!Arrays.equals(value, expected)) {
      throw new ErrnoException(
          Errno.ESTALE,
          what + " was used with other layers, to which its index of hard links belongs");
    }
  }
}
