package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Identity;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.LayerDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts one new object in its place; under the shared tree lock and the name lock of the parent.
 * Either it is there in the end or, where this fails, nothing is.
 */
final class Placement {
  private static final Logger LOG = LoggerFactory.getLogger(Placement.class);

  /** Makes the object {@code name} in the directory {@code dirfd}; fails where it exists. */
  interface Maker {
    void make(int dirfd, Name name) throws ErrnoException;
  }

  private final Union union;
  private final Caller caller;
  private final DirNode parent;
  private final Name name;
  private final int mode;

  /** Whether the maker only links what exists: it inherits nothing and keeps its mode. */
  private final boolean exists;

  Placement(Union union, Caller caller, DirNode parent, Name name, int mode, boolean exists) {
    this.union = union;
    this.caller = caller;
    this.parent = parent;
    this.name = name;
    this.mode = mode;
    this.exists = exists;
  }

  /**
   * Makes the object and fills its attributes; if that fails, nothing was made.
   *
   * @param stat of an object that exists, its attributes before
   */
  void place(Maker maker, Stat stat) throws ErrnoException {
    if (parent.isRemoved()) {
      throw new ErrnoException(Errno.ENOENT, "creation in a removed directory");
    }
    LayerDir upper = parent.upper();
    int fd = upper.pin();
    try {
      switch (UpperEntry.at(fd, name, upper.layer().format(), new Stat())) {
        case OBJECT -> throw new ErrnoException(Errno.EEXIST, "creation");
        case WHITEOUT -> placeOverWhiteout(fd, maker, stat);
        case MARKED -> placeBesideMark(fd, maker, stat);
        case ABSENT -> {
          if (union.lowerShows(parent, name)) {
            throw new ErrnoException(Errno.EEXIST, "creation");
          }
          make(maker, fd, name, stat);
        }
      }
    } finally {
      upper.unpin();
    }
  }

  /** Creates with the caller's identity, and looks at what was made. */
  private void make(Maker maker, int dirfd, Name as, Stat stat) throws ErrnoException {
    boolean exact = Identity.assume(caller.uid, caller.gid, caller.umask);
    maker.make(dirfd, as);
    if (exists) {
      // Not to be undone: a file made without a name can be given one once (open(2), O_TMPFILE).
      stat.nlink++;
      lookAgain(dirfd, as, stat);
      return;
    }
    try {
      look(dirfd, as, stat);
      if (!exact && !FileMode.isSymlink(mode) && !Nursery.hasDefaultAcl(dirfd)) {
        applyUmask(dirfd, as, stat);
      }
    } catch (ErrnoException e) {
      unmake(dirfd, as, e);
      throw e;
    }
  }

  private void look(int dirfd, Name as, Stat stat) throws ErrnoException {
    if (!At.stat(dirfd, as, stat)) {
      throw new ErrnoException(Errno.EIO, "new entry " + as + " vanished");
    }
  }

  /** Makes up for a umask of the process that is not the caller's. */
  private void applyUmask(int dirfd, Name as, Stat stat) throws ErrnoException {
    int wanted = mode & FileMode.PERMISSIONS & ~caller.umask;
    int inherited = stat.mode & FileMode.S_ISGID;
    if ((stat.mode & FileMode.PERMISSIONS) != (wanted | inherited)) {
      At.chmod(dirfd, as, wanted | inherited);
      look(dirfd, as, stat);
    }
  }

  private void unmake(int dirfd, Name as, ErrnoException failure) {
    try {
      if (FileMode.isDirectory(mode)) {
        At.rmdir(dirfd, as);
      } else {
        At.unlink(dirfd, as);
      }
    } catch (ErrnoException e) {
      failure.addSuppressed(e);
    }
  }

  /** An AUFS mark goes once the object is there; until then the object wins over it. */
  private void placeBesideMark(int fd, Maker maker, Stat stat) throws ErrnoException {
    make(maker, fd, name, stat);
    try {
      if (FileMode.isDirectory(mode)) {
        union.format.markOpaque(fd, name);
      }
      At.unlink(fd, LayerFormat.aufsWhiteout(name));
    } catch (ErrnoException e) {
      unmake(fd, name, e);
      throw e;
    }
  }

  private void placeOverWhiteout(int fd, Maker maker, Stat stat) throws ErrnoException {
    Nursery nursery = Nursery.open(union.work, fd, exists);
    try {
      Name temporary = union.work.newName();
      make(maker, nursery.fd(), temporary, stat);
      try {
        if (FileMode.isDirectory(mode)) {
          union.format.markOpaque(nursery.fd(), temporary);
          At.rename(nursery.fd(), temporary, fd, name, At.RENAME_EXCHANGE);
          nursery.discard(temporary);
        } else {
          At.rename(nursery.fd(), temporary, fd, name, 0);
        }
      } catch (ErrnoException e) {
        nursery.removeAfter(e, temporary);
        throw e;
      }
      lookAgain(fd, name, stat);
    } finally {
      nursery.close();
    }
  }

  /** For what its new name changed; what is known of it already will do. */
  private static void lookAgain(int dirfd, Name as, Stat stat) {
    try {
      At.stat(dirfd, as, stat);
    } catch (ErrnoException e) {
      LOG.warn("change time of the new {} is not known: {}", as, e.getMessage());
    }
  }
}
