package dev.lamina.overlay.index;

import dev.lamina.linux.At;
import dev.lamina.linux.DirectoryReader;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import dev.lamina.overlay.format.LinkCount;
import dev.lamina.overlay.format.OriginHandle;
import dev.lamina.overlay.format.XattrNamespace;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.origin.Origins;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Goes through the index before it is used: removes what was in preparation and entries whose file
 * has no name, refuses what is no entry. Each rule was seen on kernel overlayfs 6.18.
 */
final class IndexSweep {
  private static final byte[] TEMPORARY = {'#'};

  private final int fd;
  private final XattrNamespace xattrs;
  private final Origins origins;
  private final Stat stat = new Stat();
  private final Stat lower = new Stat();

  private IndexSweep(int fd, XattrNamespace xattrs, Origins origins) {
    this.fd = fd;
    this.xattrs = xattrs;
    this.origins = origins;
  }

  /** How many entries are left in the index open as {@code fd}. */
  static int run(int fd, LayerDir[] roots, Origins origins) throws ErrnoException {
    XattrNamespace xattrs = roots[0].layer().format().xattrs();
    return new IndexSweep(fd, xattrs, origins).run();
  }

  private int run() throws ErrnoException {
    List<Name> names = new ArrayList<>();
    DirectoryReader reader = new DirectoryReader().reset(fd);
    while (reader.next()) {
      names.add(new Name().set(reader.name()));
    }
    int left = 0;
    for (Name name : names) {
      if (isStale(name)) {
        At.unlink(fd, name);
      } else {
        left++;
      }
    }
    return left;
  }

  private boolean isStale(Name name) throws ErrnoException {
    if (!At.stat(fd, name, stat)) {
      return false;
    }
    if (name.startsWith(TEMPORARY)) {
      return !stat.isDirectory();
    }
    if (stat.isDirectory() || stat.isCharDevice00()) {
      // Of nfs_export: not for us to judge.
      return false;
    }
    byte[] value = requireOrigin(name);
    boolean exists = origins.find(OriginHandle.decode(value), lower) != null;
    if (!exists) {
      return stat.nlink == 1;
    }
    if (((stat.mode ^ lower.mode) & FileMode.S_IFMT) != 0) {
      return true;
    }
    byte[] count = Xattr.get(fd, name, xattrs.nlink());
    return LinkCount.decode(count, stat.nlink, lower.nlink) == 0;
  }

  /** The origin of the entry {@code name}, by its name and by its xattr. */
  private byte[] requireOrigin(Name name) throws ErrnoException {
    byte[] spelled = IndexDirectory.originOf(name);
    if (spelled == null || OriginHandle.decode(spelled) == null) {
      throw new ErrnoException(Errno.EINVAL, "work/index/" + name + " is no entry of an index");
    }
    byte[] stored = Xattr.get(fd, name, xattrs.origin());
    if (stored == null) {
      throw new ErrnoException(Errno.ENODATA, "work/index/" + name + " has no origin");
    }
    if (!Arrays.equals(spelled, stored)) {
      throw new ErrnoException(Errno.ESTALE, "work/index/" + name + " has another origin");
    }
    return spelled;
  }
}
