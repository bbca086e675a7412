package dev.lamina.overlay.merge;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.node.LayerDir;

/**
 * Finds what a name stands for: the topmost object that no whiteout hides and, if that is a
 * directory, the directories below it with which it merges, down to the first that is opaque or the
 * first thing that is no directory (filesystems/overlayfs.rst, "Merged directories").
 *
 * <p>Runs under the shared tree lock and the name lock of the directory that is searched.
 */
public final class Resolver {
  private Resolver() {}

  /**
   * Resolves {@code name} in the directory made up of {@code parts}.
   *
   * @param from index of the first part to look at; 1 asks what lies below the topmost
   * @return whether the name stands for anything; {@code out} is filled then
   */
  public static boolean resolve(LayerDir[] parts, int from, Name name, Resolution out)
      throws ErrnoException {
    out.clear();
    for (int i = from; i < parts.length; i++) {
      LayerDir part = parts[i];
      Stat stat = out.hasParts() ? out.below : out.stat;
      int fd = part.pin();
      boolean goOn;
      try {
        goOn = resolveIn(part, fd, name, stat, out);
      } finally {
        part.unpin();
      }
      if (!goOn) {
        break;
      }
    }
    return out.holder() != null;
  }

  /** Looks at one layer; false where nothing further down can matter. */
  private static boolean resolveIn(LayerDir part, int fd, Name name, Stat stat, Resolution out)
      throws ErrnoException {
    LayerFormat format = part.layer().format();
    if (!At.stat(fd, name, stat)) {
      return !format.hidesAbsent(fd, name);
    }
    if (format.isWhiteout(fd, name, stat)) {
      return false;
    }
    if (!stat.isDirectory()) {
      if (!out.hasParts()) {
        out.setHolder(part);
      }
      return false;
    }
    if (!out.hasParts()) {
      out.setHolder(part);
    }
    out.addPart(part.child(out.nameOf(name)));
    return !format.isOpaque(fd, name);
  }
}
