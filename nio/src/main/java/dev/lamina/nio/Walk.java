package dev.lamina.nio;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Follows paths through a {@link Tree} as a process in a chroot does: {@code ..} stops at the root,
 * absolute links start there, forty links are too many (path_resolution(7)).
 */
final class Walk {
  private static final int MAX_LINKS = 40;

  private final Tree tree;

  Walk(Tree tree) {
    this.tree = tree;
  }

  /**
   * Where {@code path} leads. Only the last component may be absent: ENOENT, ENOTDIR, ELOOP,
   * ENAMETOOLONG.
   *
   * @param follow whether a symbolic link at the end is followed
   */
  Place place(byte[] path, boolean follow) throws ErrnoException {
    Steps steps = new Steps(path, follow);
    try {
      return steps.run();
    } finally {
      steps.forgetAll();
    }
  }

  /** The absolute path without links of what {@code path} leads to, which exists. */
  byte[] realPath(byte[] path) throws ErrnoException {
    Steps steps = new Steps(path, true);
    try (Place place = steps.run()) {
      place.requireExisting();
      return PathBytes.join(true, steps.names);
    } finally {
      steps.forgetAll();
    }
  }

  /** One walk: directories from below the root to where it stands, each held. */
  private final class Steps {
    private final Deque<byte[]> ahead;
    private final boolean follow;
    private final List<Tree.Found> trail = new ArrayList<>();
    private final List<byte[]> names = new ArrayList<>();
    private int links;

    Steps(byte[] path, boolean follow) {
      this.ahead = new ArrayDeque<>(PathBytes.components(path));
      this.follow = follow;
    }

    private long here() {
      return trail.isEmpty() ? Tree.ROOT : trail.get(trail.size() - 1).node();
    }

    private void up() {
      int last = trail.size() - 1;
      if (last >= 0) {
        tree.forget(trail.remove(last).node());
        names.remove(last);
      }
    }

    void forgetAll() {
      while (!trail.isEmpty()) {
        up();
      }
    }

    Place run() throws ErrnoException {
      while (!ahead.isEmpty()) {
        if (!trail.isEmpty() && !trail.get(trail.size() - 1).status().isDirectory()) {
          throw new ErrnoException(Errno.ENOTDIR, "lookup");
        }
        byte[] name = ahead.removeFirst();
        if (PathBytes.isDotDot(name)) {
          up();
        } else if (!PathBytes.isDot(name)) {
          Place end = step(name);
          if (end != null) {
            return end;
          }
        }
      }
      return new Place(tree, Tree.ROOT, null, again());
    }

    /** What the walk stands at, held once more. */
    private Tree.Found again() throws ErrnoException {
      if (trail.isEmpty()) {
        return new Tree.Found(Tree.ROOT, tree.status(Tree.ROOT));
      }
      // The trail gives it up, the place gets it.
      return trail.remove(trail.size() - 1);
    }

    /** One component further; where the path ends, if it does. */
    private Place step(byte[] name) throws ErrnoException {
      Tree.Found found = tree.lookup(here(), name);
      if (found == null) {
        if (ahead.isEmpty()) {
          return new Place(tree, takeHere(), name, null);
        }
        throw new ErrnoException(Errno.ENOENT, "lookup");
      }
      if (found.status().isSymlink() && (follow || !ahead.isEmpty())) {
        try {
          detour(found);
        } finally {
          tree.forget(found.node());
        }
        return null;
      }
      if (ahead.isEmpty()) {
        long parent = takeHere();
        names.add(name);
        return new Place(tree, parent, name, found);
      }
      trail.add(found);
      names.add(name);
      return null;
    }

    /** The directory that the walk stands in, which the place holds from now on. */
    private long takeHere() {
      return trail.isEmpty() ? Tree.ROOT : trail.remove(trail.size() - 1).node();
    }

    private void detour(Tree.Found link) throws ErrnoException {
      if (++links > MAX_LINKS) {
        throw new ErrnoException(Errno.ELOOP, "lookup");
      }
      byte[] target = tree.target(link.node());
      if (target.length == 0) {
        throw new ErrnoException(Errno.ENOENT, "lookup");
      }
      if (PathBytes.isAbsolute(target)) {
        forgetAll();
      }
      if (target[target.length - 1] == '/') {
        // Whatever it leads to must be a directory, and is followed.
        ahead.addFirst(PathBytes.DOT);
      }
      List<byte[]> more = PathBytes.components(target);
      for (int i = more.size() - 1; i >= 0; i--) {
        ahead.addFirst(more.get(i));
      }
    }
  }
}
