package dev.lamina.overlay.merge;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.format.Metacopy;
import dev.lamina.overlay.format.Redirect;
import dev.lamina.overlay.node.DataSource;
import dev.lamina.overlay.node.Layer;
import dev.lamina.overlay.node.LayerDir;

/**
 * Finds what a name stands for: the topmost object that no whiteout hides and, if that is a
 * directory, the directories below it with which it merges, down to the first that is opaque or the
 * first thing that is no directory (filesystems/overlayfs.rst, "Merged directories"). A directory
 * with a {@link Redirect} merges with what lies there in the layers below it, not with its own
 * name. A regular file that is a {@link Metacopy} has its data further down.
 *
 * <p>Runs under the shared tree lock and the name lock of the directory that is searched.
 */
public final class Resolver {
  final LayerDir[] roots;
  private final Following following;

  /**
   * A resolver for one stack.
   *
   * @param roots of all layers, topmost first: where absolute redirects start
   */
  public Resolver(LayerDir[] roots, Following following) {
    this.roots = roots.clone();
    this.following = following;
  }

  /**
   * Resolves {@code name} in the directory made up of {@code parts}.
   *
   * @param from index of the first part to look at; 1 asks what lies below the topmost
   * @return whether the name stands for anything; {@code out} is filled then
   * @throws ErrnoException EINVAL, EACCES or EPERM for a redirect that is malformed or not to be
   *     followed; EPERM for a metacopy that is not, EIO for one without data
   */
  public boolean resolve(LayerDir[] parts, int from, Name name, Resolution out)
      throws ErrnoException {
    out.clear();
    for (int i = from; i < parts.length; i++) {
      LayerDir part = parts[i];
      int fd = part.pin();
      boolean goOn;
      try {
        goOn = resolveIn(part, fd, name, out);
      } finally {
        part.unpin();
      }
      if (out.redirect != null) {
        RedirectedPath path = RedirectedPath.of(out.nameOf(name)).bent(1, out.redirect);
        new DirectoryWalk(this, parts, path, out).goOnBelow(i);
        break;
      }
      if (out.dataPath != null) {
        out.data = data(parts, i, name, out.dataPath);
        break;
      }
      if (!goOn) {
        break;
      }
    }
    return out.holder() != null;
  }

  /**
   * Whether {@code name} stands for anything, whatever it is: the topmost object alone counts.
   *
   * @param from index of the first part to look at
   */
  public boolean shows(LayerDir[] parts, int from, Name name, Stat stat) throws ErrnoException {
    for (int i = from; i < parts.length; i++) {
      LayerFormat format = parts[i].layer().format();
      int fd = parts[i].pin();
      try {
        if (At.stat(fd, name, stat)) {
          return !format.isWhiteout(fd, name, stat);
        }
        if (format.hidesAbsent(fd, name)) {
          return false;
        }
      } finally {
        parts[i].unpin();
      }
    }
    return false;
  }

  /** The data of the metacopy {@code name} in {@code parts[at]}. */
  private DataSource data(LayerDir[] parts, int at, Name name, RedirectedPath path)
      throws ErrnoException {
    DataWalk walk = new DataWalk(this, parts, path, !parts[at].layer().upper());
    walk.goOnBelow(at);
    DataSource data = walk.found();
    boolean dataOnly = data instanceof DataSource.Unsought && following.dataOnly();
    if (following.lowerMetacopies() == Following.Metacopies.TO_DATA_ONLY
        && (!dataOnly || walk.isChained())) {
      throw refused(parts[at], name);
    }
    if (data == null || (data instanceof DataSource.Unsought && !dataOnly)) {
      throw new ErrnoException(Errno.EIO, "metacopy " + parts[at] + "/" + name + " without data");
    }
    return data;
  }

  private static ErrnoException refused(LayerDir directory, Name name) {
    return new ErrnoException(Errno.EPERM, "metacopy " + directory + "/" + name);
  }

  /** Looks at one layer; false where nothing further down can matter. */
  private boolean resolveIn(LayerDir part, int fd, Name name, Resolution out)
      throws ErrnoException {
    Stat stat = out.hasParts() ? out.below : out.stat;
    LayerFormat format = part.layer().format();
    if (!At.stat(fd, name, stat)) {
      if (format.hidesAbsent(fd, name)) {
        out.setHidden();
        return false;
      }
      return true;
    }
    if (format.isWhiteout(fd, name, stat)) {
      out.setHidden();
      return false;
    }
    if (!out.hasParts()) {
      out.setHolder(part);
      out.realType = stat.mode & FileMode.S_IFMT;
      part.layer().owners().read(fd, name, stat);
    }
    if (!stat.isDirectory()) {
      if (stat.isRegular() && !out.hasParts()) {
        noteMetacopy(part, fd, name, out);
      }
      return false;
    }
    out.addPart(part.child(out.nameOf(name)), stat.ino);
    if (isLast(part.layer()) || format.isOpaque(fd, name)) {
      return false;
    }
    out.redirect = redirectOf(part.layer(), fd, name);
    return true;
  }

  /** Notes where to look for the data of the regular file {@code name}, if it has none itself. */
  private void noteMetacopy(LayerDir part, int fd, Name name, Resolution out)
      throws ErrnoException {
    Layer layer = part.layer();
    Following.Metacopies rule =
        layer.upper() ? following.upperMetacopies() : following.lowerMetacopies();
    boolean empty = out.stat.size == 0;
    if (rule == Following.Metacopies.UNSEEN
        || (empty && !layer.upper())
        || !Metacopy.isMarked(fd, name, layer.format().xattrs())) {
      return;
    }
    if (rule == Following.Metacopies.REFUSED) {
      throw refused(part, name);
    }
    if (empty) {
      // Nothing to look for, also where a truncation was interrupted: it was to have no data.
      out.data = DataSource.UPPER_MARKED;
      return;
    }
    out.dataPath = RedirectedPath.of(out.nameOf(name));
    Redirect redirect = Redirect.read(fd, name, layer.format().xattrs());
    if (redirect != null) {
      out.dataPath = out.dataPath.bent(1, redirect);
    }
  }

  /** Below the last layer is nothing that its directories could hide or redirect to. */
  boolean isLast(Layer layer) {
    return layer.position() == roots.length - 1;
  }

  /** The redirect of the directory {@code name}, which is neither opaque nor in the last layer. */
  Redirect redirectOf(Layer layer, int fd, Name name) throws ErrnoException {
    Redirect redirect = Redirect.read(fd, name, layer.format().xattrs());
    if (redirect != null && !following.redirects()) {
      throw new ErrnoException(Errno.EPERM, "redirect of " + layer.label() + ".../" + name);
    }
    return redirect;
  }
}
