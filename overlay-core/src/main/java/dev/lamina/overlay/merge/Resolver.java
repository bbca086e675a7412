package dev.lamina.overlay.merge;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.format.Redirect;
import dev.lamina.overlay.node.Layer;
import dev.lamina.overlay.node.LayerDir;

/**
 * Finds what a name stands for: the topmost object that no whiteout hides and, if that is a
 * directory, the directories below it with which it merges, down to the first that is opaque or the
 * first thing that is no directory (filesystems/overlayfs.rst, "Merged directories"). A directory
 * with a {@link Redirect} merges with what lies there in the layers below it, not with its own
 * name.
 *
 * <p>Runs under the shared tree lock and the name lock of the directory that is searched.
 */
public final class Resolver {
  private final LayerDir[] roots;
  private final boolean followsRedirects;

  /**
   * A resolver for one stack.
   *
   * @param roots of all layers, topmost first: where absolute redirects start
   * @param followsRedirects false refuses redirected directories: EPERM
   */
  public Resolver(LayerDir[] roots, boolean followsRedirects) {
    this.roots = roots.clone();
    this.followsRedirects = followsRedirects;
  }

  /**
   * Resolves {@code name} in the directory made up of {@code parts}.
   *
   * @param from index of the first part to look at; 1 asks what lies below the topmost
   * @return whether the name stands for anything; {@code out} is filled then
   * @throws ErrnoException EINVAL, EACCES or EPERM for a redirect that is malformed or not to be
   *     followed
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
        new RedirectWalk(parts, path, out).goOnBelow(i);
        break;
      }
      if (!goOn) {
        break;
      }
    }
    return out.holder() != null;
  }

  /** Looks at one layer; false where nothing further down can matter. */
  private boolean resolveIn(LayerDir part, int fd, Name name, Resolution out)
      throws ErrnoException {
    Stat stat = out.hasParts() ? out.below : out.stat;
    LayerFormat format = part.layer().format();
    if (!At.stat(fd, name, stat)) {
      return !format.hidesAbsent(fd, name);
    }
    if (format.isWhiteout(fd, name, stat)) {
      return false;
    }
    if (!out.hasParts()) {
      out.setHolder(part);
    }
    if (!stat.isDirectory()) {
      return false;
    }
    out.addPart(part.child(out.nameOf(name)), stat.ino);
    if (isLast(part.layer()) || format.isOpaque(fd, name)) {
      return false;
    }
    out.redirect = redirectOf(part.layer(), fd, name);
    return true;
  }

  /** Below the last layer is nothing that its directories could hide or redirect to. */
  private boolean isLast(Layer layer) {
    return layer.position() == roots.length - 1;
  }

  /** The redirect of the directory {@code name}, which is neither opaque nor in the last layer. */
  private Redirect redirectOf(Layer layer, int fd, Name name) throws ErrnoException {
    Redirect redirect = Redirect.read(fd, name, layer.format().xattrs());
    if (redirect != null && !followsRedirects) {
      throw new ErrnoException(Errno.EPERM, "redirect of " + layer.label() + ".../" + name);
    }
    return redirect;
  }

  /** The search for directories to merge with, once a redirect was met. */
  private final class RedirectWalk {
    private final Resolution out;
    private final Stat stat = new Stat();
    private LayerDir[] starts;
    private RedirectedPath path;
    private boolean stop;

    RedirectWalk(LayerDir[] parts, RedirectedPath path, Resolution out) {
      this.starts = parts;
      this.path = path;
      this.out = out;
    }

    /** Looks at all layers below that of {@code starts[found]}. */
    void goOnBelow(int found) throws ErrnoException {
      int at = found;
      while (!stop) {
        if (path.isAbsolute() && starts != roots) {
          at = starts[at].layer().position();
          starts = roots;
        }
        if (++at == starts.length) {
          return;
        }
        walk(starts[at]);
      }
    }

    /** Follows the path in one layer, as it was when the walk began: bends count from the next. */
    private void walk(LayerDir start) throws ErrnoException {
      LayerDir directory = start;
      for (int left = path.components().size(); left > 0; left--) {
        byte[] component = path.component(left);
        int fd = directory.pin();
        try {
          if (!enter(directory.layer(), fd, Name.of(component), left)) {
            return;
          }
        } finally {
          directory.unpin();
        }
        directory = directory.child(component);
      }
      out.addPart(directory, stat.ino);
    }

    /** Whether {@code name} is a directory; what it says about the layers below is noted. */
    private boolean enter(Layer layer, int fd, Name name, int left) throws ErrnoException {
      LayerFormat format = layer.format();
      if (!At.stat(fd, name, stat)) {
        stop |= format.hidesAbsent(fd, name);
        return false;
      }
      if (format.isWhiteout(fd, name, stat) || !stat.isDirectory()) {
        stop = true;
        return false;
      }
      if (isLast(layer)) {
        return true;
      }
      if (format.isOpaque(fd, name)) {
        stop = true;
        return true;
      }
      Redirect redirect = redirectOf(layer, fd, name);
      if (redirect != null) {
        path = path.bent(left, redirect);
        // An opaque parent hides what has its own path below, not what an absolute one leads to.
        stop &= !redirect.isAbsolute();
      }
      return true;
    }
  }
}
