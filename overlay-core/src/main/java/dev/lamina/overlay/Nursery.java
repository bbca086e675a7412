package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import dev.lamina.linux.TreeRemoval;
import dev.lamina.linux.Xattr;
import dev.lamina.overlay.promote.WorkDirectory;

/**
 * Where an object is made that will replace a whiteout: the work directory or, when the directory
 * it is meant for passes on its group (setgid) or a default ACL, a directory in work that passes on
 * the same. So the filesystem does the inheriting, here as in place.
 */
final class Nursery {
  static final Name SELF = Name.of(".");
  private static final Name DEFAULT_ACL = Name.of("system.posix_acl_default");

  /** Asks for the size alone; nothing is ever written to it. */
  private static final NativeMemory NO_ROOM = NativeMemory.allocate(1);

  private final WorkDirectory work;

  /** Null when the work directory itself will do. */
  private final Name name;

  private final int fd;

  private Nursery(WorkDirectory work, Name name, int fd) {
    this.work = work;
    this.name = name;
    this.fd = fd;
  }

  /**
   * A place to make one object for the directory {@code parentFd}.
   *
   * @param plain whether nothing is inherited, because the object exists already
   */
  static Nursery open(WorkDirectory work, int parentFd, boolean plain) throws ErrnoException {
    Stat parent = new Stat();
    At.stat(parentFd, parent);
    byte[] acl = plain || !hasDefaultAcl(parentFd) ? null : Xattr.get(parentFd, SELF, DEFAULT_ACL);
    boolean setgid = (parent.mode & FileMode.S_ISGID) != 0;
    if (plain || (acl == null && !setgid)) {
      return new Nursery(work, null, work.fd());
    }
    Name name = work.newName();
    At.mkdir(work.fd(), name, 0700);
    try {
      At.chown(work.fd(), name, -1, parent.gid);
      At.chmod(work.fd(), name, 0700 | (parent.mode & FileMode.S_ISGID));
      if (acl != null) {
        Xattr.set(work.fd(), name, DEFAULT_ACL, acl, 0);
      }
      return new Nursery(work, name, At.openDirectory(work.fd(), name));
    } catch (ErrnoException e) {
      work.removeAfter(e, name);
      throw e;
    }
  }

  /** Whether new entries of the directory {@code dirfd} take their permissions from an ACL. */
  static boolean hasDefaultAcl(int dirfd) throws ErrnoException {
    return Xattr.get(dirfd, SELF, DEFAULT_ACL, NO_ROOM, 0, 0) >= 0;
  }

  int fd() {
    return fd;
  }

  /** Removes what was made, on the way out of {@code failure}. */
  void removeAfter(ErrnoException failure, Name made) {
    try {
      TreeRemoval.remove(fd, made);
    } catch (ErrnoException e) {
      failure.addSuppressed(e);
    }
  }

  /** Gives up what came here in exchange for what was made. */
  void discard(Name replaced) {
    if (name == null) {
      work.discard(replaced);
    }
    // Else it goes with the directory.
  }

  void close() {
    if (name != null) {
      Fd.close(fd);
      work.discard(name);
    }
  }
}
