package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.format.Redirect;
import dev.lamina.overlay.merge.Resolver;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.FileNode;
import dev.lamina.overlay.node.IndexHome;
import dev.lamina.overlay.node.Link;
import dev.lamina.overlay.node.Node;
import dev.lamina.overlay.promote.WorkDirectory;
import java.util.Arrays;

/**
 * Lets merged directories and metacopies move: records in the upper where their lower half lies,
 * which is where it is shown now, so that recording changes nothing that shows and the rename is
 * one step. What is written, and when, is as kernel overlayfs does (tried on Linux 6.18): the plain
 * name for the first rename within a directory, a path from the root for one across, kept over
 * later ones.
 *
 * <p>Under the exclusive tree lock; all directories named are in the upper, but for those of a
 * joined file, which may be there by another of its names.
 */
final class Redirects {
  private static final Name SELF = Name.of(".");

  private final LayerFormat format;
  private final WorkDirectory work;
  private final Resolver resolver;

  /** {@code work} is null when the union is read-only. */
  Redirects(LayerFormat format, Resolver resolver, WorkDirectory work) {
    this.work = work;
    this.format = format;
    this.resolver = resolver;
  }

  /**
   * Sees to it that {@code moved}, if it is a metacopy, finds its data when it gets another name.
   *
   * @param parent where it is shown now, as {@code name}
   * @param sameParent whether the other name is in the same directory, and the only one then
   * @return false where it has to get its data first: the path is too long (kernel overlayfs gives
   *     EXDEV, which few programs expect of a file) or the upper cannot hold it
   */
  boolean keepData(Node moved, DirNode parent, Name name, boolean sameParent)
      throws ErrnoException {
    if (!(moved instanceof FileNode file) || file.ownsData()) {
      return true;
    }
    if (!file.isMetacopy()) {
      return false;
    }
    IndexHome index = file.indexHome();
    if (index != null) {
      // Of its names, this one need not be in the upper.
      Name entry = Name.of(index.name());
      return keepData(index.directory(), entry, parent, name, sameParent);
    }
    int fd = parent.upper().pin();
    try {
      return keepData(fd, name, parent, name, sameParent);
    } finally {
      parent.upper().unpin();
    }
  }

  /** As above, of the metacopy {@code object} in {@code fd}. */
  private boolean keepData(int fd, Name object, DirNode parent, Name name, boolean sameParent)
      throws ErrnoException {
    byte[] recorded = Redirect.readRaw(fd, object, format.xattrs());
    if (recorded != null && (sameParent || recorded[0] == '/')) {
      return true;
    }
    byte[] own = recorded == null ? name.toBytes() : recorded;
    byte[] place = sameParent && !isOneOfSeveral(parent, name) ? own : path(own, parent);
    return place != null && record(fd, object, place);
  }

  /** Whether the lower file has other names; kernel overlayfs records the whole path then. */
  private boolean isOneOfSeveral(DirNode parent, Name name) throws ErrnoException {
    Stat stat = new Stat();
    return resolver.shows(parent.parts(), 1, name, stat) && stat.nlink > 1;
  }

  private boolean record(int fd, Name name, byte[] place) throws ErrnoException {
    try {
      Xattr.set(fd, name, format.xattrs().redirect(), place, 0);
      return true;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOSPC || e.errno() == Errno.EDQUOT || e.errno() == Errno.E2BIG) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Records where the lower half of {@code directory} lies, unless that is recorded already.
   *
   * @param sameParent whether it will stay in its directory, where its name is enough
   * @throws ErrnoException EXDEV where the path is too long or the upper cannot hold it; programs
   *     then copy
   */
  void recordPlace(DirNode directory, boolean sameParent) throws ErrnoException {
    byte[] recorded = recorded(directory);
    if (recorded != null && (sameParent || recorded[0] == '/')) {
      return;
    }
    byte[] place = directory.link().name();
    if (!sameParent) {
      place = path(recorded == null ? place : recorded, directory.link().parent());
      if (place == null) {
        throw new ErrnoException(Errno.EXDEV, "redirect of " + directory.upper() + " is too long");
      }
    }
    int fd = directory.upper().pin();
    try {
      Xattr.set(fd, SELF, format.xattrs().redirect(), place, 0);
    } catch (ErrnoException e) {
      throw new ErrnoException(Errno.EXDEV, "redirect of " + directory.upper() + ": " + e);
    } finally {
      directory.upper().unpin();
    }
  }

  /** Whether a redirect is on {@code directory}, followed or not. */
  boolean isRecorded(DirNode directory) throws ErrnoException {
    return recorded(directory) != null;
  }

  private byte[] recorded(DirNode directory) throws ErrnoException {
    int fd = directory.upper().pin();
    try {
      return Redirect.readRaw(fd, SELF, format.xattrs());
    } finally {
      directory.upper().unpin();
    }
  }

  /**
   * The path from the layers' roots of {@code last} in {@code parent}: by names, up to what was
   * moved itself. Null where it is too long.
   */
  private byte[] path(byte[] last, DirNode parent) throws ErrnoException {
    byte[] path = new byte[Redirect.LONGEST_WRITTEN];
    int start = path.length;
    byte[] part = last;
    DirNode at = parent;
    while (true) {
      boolean absolute = part[0] == '/';
      start -= part.length + (absolute ? 0 : 1);
      if (start < 0) {
        return null;
      }
      System.arraycopy(part, 0, path, start + (absolute ? 0 : 1), part.length);
      if (absolute) {
        break;
      }
      path[start] = '/';
      Link link = at.link();
      if (link == null) {
        break;
      }
      // What is not in the upper was never moved.
      byte[] recorded = at.inUpper() ? recorded(at) : null;
      part = recorded == null ? link.name() : recorded;
      at = link.parent();
    }
    return Arrays.copyOfRange(path, start, path.length);
  }

  /**
   * Turns an AUFS mark that hides {@code name} below into the kernel's: beside such a mark a
   * directory is as good as opaque, and the one that comes must not lose its lower half.
   */
  void clearMark(DirNode parent, Name name) throws ErrnoException {
    int fd = parent.upper().pin();
    try {
      if (!format.hidesAbsent(fd, name)) {
        return;
      }
      Stat stat = new Stat();
      UpperEntry there = UpperEntry.at(fd, name, format, stat);
      if (there == UpperEntry.MARKED) {
        work.makeWhiteout(fd, name);
      } else if (there == UpperEntry.OBJECT && stat.isDirectory()) {
        format.markOpaque(fd, name);
      }
      At.unlink(fd, LayerFormat.aufsWhiteout(name));
    } finally {
      parent.upper().unpin();
    }
  }
}
