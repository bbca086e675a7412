package dev.lamina.overlay.merge;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.format.Redirect;
import dev.lamina.overlay.node.LayerDir;

/**
 * A search in the layers below a redirect or a metacopy, for what belongs to it there. The path to
 * look at is bent by each redirect on the way, for the layers further down.
 */
abstract class LowerWalk {
  final Resolver resolver;
  final Stat stat = new Stat();

  /** Where to look in the next layer. */
  RedirectedPath path;

  /** Set once nothing further down can matter. */
  boolean stop;

  private LayerDir[] starts;

  LowerWalk(Resolver resolver, LayerDir[] parts, RedirectedPath path) {
    this.resolver = resolver;
    this.starts = parts;
    this.path = path;
  }

  /** Looks at the object at the end of the path: {@code name} in the directory {@code fd}. */
  abstract void atEnd(LayerDir directory, int fd, byte[] name) throws ErrnoException;

  /** Looks at all layers below that of the part {@code found}. */
  final void goOnBelow(int found) throws ErrnoException {
    int at = found;
    while (!stop) {
      if (path.isAbsolute() && starts != resolver.roots) {
        at = starts[at].layer().position();
        starts = resolver.roots;
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
        if (left == 1) {
          atEnd(directory, fd, component);
          return;
        }
        if (!enter(directory, fd, Name.of(component), left)) {
          return;
        }
      } finally {
        directory.unpin();
      }
      directory = directory.child(component);
    }
  }

  /**
   * Whether {@code name} is a directory; what it says about the layers below is noted.
   *
   * @param left how many components were left, itself included
   */
  final boolean enter(LayerDir in, int fd, Name name, int left) throws ErrnoException {
    LayerFormat format = in.layer().format();
    if (!At.stat(fd, name, stat)) {
      stop |= format.hidesAbsent(fd, name);
      return false;
    }
    if (format.isWhiteout(fd, name, stat) || !stat.isDirectory()) {
      stop = true;
      return false;
    }
    if (resolver.isLast(in.layer())) {
      return true;
    }
    if (format.isOpaque(fd, name)) {
      stop = true;
      return true;
    }
    Redirect redirect = resolver.redirectOf(in.layer(), fd, name);
    if (redirect != null) {
      path = path.bent(left, redirect);
      // An opaque parent hides what has its own path below, not what an absolute one leads to.
      stop &= !redirect.isAbsolute();
    }
    return true;
  }
}
