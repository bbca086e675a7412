package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Identity;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.owner.OwnerRecords;

/**
 * Whose a new object is. Without records the thread takes on the caller's identity, and the
 * filesystem does the rest. With records the object is the server's own, and what the filesystem
 * would have done is done here: umask, and the group of a setgid directory.
 */
final class NewOwner {
  private final Union union;
  private final Caller caller;

  NewOwner(Union union, Caller caller) {
    this.union = union;
    this.caller = caller;
  }

  /** Prepares the thread for the call that creates; whether the umask in force is the caller's. */
  boolean assumeIdentity() throws ErrnoException {
    if (union.owners != OwnerRecords.NONE) {
      return Identity.assumeOwn();
    }
    return Identity.assume(
        union.ownership.creatorUid(caller.uid),
        union.ownership.creatorGid(caller.gid),
        caller.umask);
  }

  /**
   * What is to be recorded of a new object in {@code parentFd}, a directory of the upper.
   *
   * @param mode type and permissions that the caller asked for
   */
  Stat inherit(int parentFd, int mode, long device) throws ErrnoException {
    Stat parent = new Stat();
    At.stat(parentFd, parent);
    union.owners.read(parentFd, parent);
    boolean setgid = (parent.mode & FileMode.S_ISGID) != 0;
    Stat owned = new Stat();
    owned.uid = union.ownership.creatorUid(caller.uid);
    owned.gid = setgid ? parent.gid : union.ownership.creatorGid(caller.gid);
    owned.rdev = device;
    owned.mode = FileMode.isSymlink(mode) ? mode : mode & ~caller.umask;
    if (setgid && FileMode.isDirectory(mode)) {
      owned.mode |= FileMode.S_ISGID;
    }
    return owned;
  }
}
