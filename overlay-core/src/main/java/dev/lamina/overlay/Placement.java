package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.owner.OwnerRecords;
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
  private final DirNode parent;
  private final Name name;
  private final int mode;

  /** Null where the maker only links what exists: it inherits nothing and keeps all it has. */
  private final Caller caller;

  private final long device;
  private final boolean recorded;
  private boolean alone;

  private Placement(Union union, Caller caller, DirNode parent, Name name, int mode, long device) {
    this.union = union;
    this.caller = caller;
    this.parent = parent;
    this.name = name;
    this.mode = mode;
    this.device = device;
    this.recorded = caller != null && union.owners != OwnerRecords.NONE;
  }

  /** Of an object that the maker creates for {@code caller}, with this type and permissions. */
  static Placement ofNew(
      Union union, Caller caller, DirNode parent, Name name, int mode, long device) {
    return new Placement(union, caller, parent, name, mode, device);
  }

  /** Of one more name for an object that is in the upper. */
  static Placement ofExisting(Union union, DirNode parent, Name name, int type) {
    return new Placement(union, null, parent, name, type, 0);
  }

  /**
   * Makes the object and fills its attributes as they are stored; if that fails, nothing was made.
   *
   * @param stat of an object that exists, its attributes before
   */
  void place(Maker maker, Stat stat) throws ErrnoException {
    if (parent.isRemoved()) {
      throw new ErrnoException(Errno.ENOENT, "creation in a removed directory");
    }
    alone = parent.isKnownNowhere(name);
    parent.forgetAbsent();
    LayerDir upper = parent.upper();
    int fd = upper.pin();
    try {
      if (alone) {
        placeWhereNothingIs(fd, maker, stat);
        return;
      }
      switch (UpperEntry.at(fd, name, upper.layer().format(), new Stat())) {
        case OBJECT -> throw new ErrnoException(Errno.EEXIST, "creation");
        case WHITEOUT -> placeOverWhiteout(fd, maker, stat);
        case MARKED -> placeBesideMark(fd, maker, stat);
        case ABSENT -> {
          if (union.names.lowerShows(parent, name)) {
            throw new ErrnoException(Errno.EEXIST, "creation");
          }
          alone = true;
          placeWhereNothingIs(fd, maker, stat);
        }
      }
    } finally {
      upper.unpin();
    }
  }

  /** Once it is placed: whether nothing of the same name lies below, so far as was looked. */
  boolean isAlone() {
    return alone;
  }

  private void placeWhereNothingIs(int fd, Maker maker, Stat stat) throws ErrnoException {
    if (!recorded) {
      make(maker, fd, name, fd, stat);
      return;
    }
    // Nobody is to see it without its owner, nor is a crash to leave it so.
    Name temporary = union.work.newName();
    try {
      make(maker, union.work.fd(), temporary, fd, stat);
      At.rename(union.work.fd(), temporary, fd, name, At.RENAME_NOREPLACE);
    } catch (ErrnoException e) {
      union.work.removeAfter(e, temporary);
      throw e;
    }
    lookAgain(fd, name, stat);
  }

  private void make(Maker maker, int dirfd, Name as, int parentFd, Stat stat)
      throws ErrnoException {
    if (caller == null) {
      maker.make(dirfd, as);
      // Not to be undone: a file made without a name can be given one once (open(2), O_TMPFILE).
      stat.nlink++;
      lookAgain(dirfd, as, stat);
      return;
    }
    NewOwner owner = new NewOwner(union, caller);
    boolean exact = owner.assumeIdentity();
    maker.make(dirfd, as);
    try {
      if (recorded) {
        union.owners.write(dirfd, as, owner.inherit(parentFd, mode, device));
      }
      look(dirfd, as, stat);
      boolean complete = recorded || exact || FileMode.isSymlink(mode);
      if (!complete && !Nursery.hasDefaultAcl(parentFd)) {
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
    union.owners.read(dirfd, as, stat);
  }

  /** For what its new name changed; what is known of it already will do. */
  private void lookAgain(int dirfd, Name as, Stat stat) {
    Stat now = new Stat();
    try {
      look(dirfd, as, now);
      stat.set(now);
    } catch (ErrnoException e) {
      LOG.warn("change time of the new {} is not known: {}", as, e.getMessage());
    }
  }

  /** Makes up for a umask in force that is not the caller's. */
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
    placeWhereNothingIs(fd, maker, stat);
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
    boolean inheritsNothing = caller == null || recorded;
    Nursery nursery = Nursery.open(union.work, fd, inheritsNothing);
    try {
      Name temporary = union.work.newName();
      try {
        make(maker, nursery.fd(), temporary, recorded ? fd : nursery.fd(), stat);
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
}
