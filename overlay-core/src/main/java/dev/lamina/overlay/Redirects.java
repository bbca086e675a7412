package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.format.Redirect;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.Link;
import dev.lamina.overlay.promote.WorkDirectory;
import java.util.Arrays;

/**
 * Lets merged directories move: records in the upper directory where its lower half lies, which is
 * where it is shown now, so that recording changes nothing that shows and the rename is one step.
 * What is written, and when, is as kernel overlayfs does (tried on Linux 6.18): the plain name for
 * the first rename within a directory, a path from the root for one across, kept over later ones.
 *
 * <p>Under the exclusive tree lock; all directories named are in the upper.
 */
final class Redirects {
  private static final Name SELF = Name.of(".");

  private final LayerFormat format;

  Redirects(LayerFormat format) {
    this.format = format;
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
    byte[] place = sameParent ? directory.link().name() : path(directory);
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

  /** The lower half's path from the layers' roots: by names, up to what was moved itself. */
  private byte[] path(DirNode directory) throws ErrnoException {
    byte[] path = new byte[Redirect.LONGEST_WRITTEN];
    int start = path.length;
    for (Link link = directory.link(); link != null; link = link.parent().link()) {
      byte[] recorded = recorded((DirNode) link.node());
      byte[] part = recorded == null ? link.name() : recorded;
      boolean absolute = part[0] == '/';
      start -= part.length + (absolute ? 0 : 1);
      if (start < 0) {
        throw new ErrnoException(Errno.EXDEV, "redirect of " + directory.upper() + " is too long");
      }
      System.arraycopy(part, 0, path, start + (absolute ? 0 : 1), part.length);
      if (absolute) {
        break;
      }
      path[start] = '/';
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
        WorkDirectory.makeWhiteout(fd, name);
      } else if (there == UpperEntry.OBJECT && stat.isDirectory()) {
        format.markOpaque(fd, name);
      }
      At.unlink(fd, LayerFormat.aufsWhiteout(name));
    } finally {
      parent.upper().unpin();
    }
  }
}
