package dev.lamina.overlay.owner;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;

/**
 * Which owners a union shows for those that its layers keep, and which it stores for those that its
 * users name: fuse-overlayfs's {@code uidmapping}, {@code gidmapping} and {@code squash_to_*}.
 * Immutable.
 */
public final class Ownership {
  /** Owners are shown as they are stored. */
  public static final Ownership AS_STORED =
      new Ownership(IdMapping.IDENTITY, IdMapping.IDENTITY, IdMapping.NONE, IdMapping.NONE);

  private final IdMapping users;
  private final IdMapping groups;
  private final int squashUid;
  private final int squashGid;
  private final boolean shownAsStored;

  private Ownership(IdMapping users, IdMapping groups, int squashUid, int squashGid) {
    this.users = users;
    this.groups = groups;
    this.squashUid = squashUid;
    this.squashGid = squashGid;
    this.shownAsStored = !mapsIds() && squashUid == IdMapping.NONE && squashGid == IdMapping.NONE;
  }

  /** The same with users shown by {@code mapping}. */
  public Ownership withUsers(IdMapping mapping) {
    return new Ownership(mapping, groups, squashUid, squashGid);
  }

  /** The same with groups shown by {@code mapping}. */
  public Ownership withGroups(IdMapping mapping) {
    return new Ownership(users, mapping, squashUid, squashGid);
  }

  /** Shows everything as this user's; what is stored still follows the mapping. */
  public Ownership squashedToUser(int uid) {
    return new Ownership(users, groups, uid, squashGid);
  }

  /** Shows everything as this group's; what is stored still follows the mapping. */
  public Ownership squashedToGroup(int gid) {
    return new Ownership(users, groups, squashUid, gid);
  }

  private boolean mapsIds() {
    return !users.isIdentity() || !groups.isIdentity();
  }

  /** Turns stored owners in {@code stat} into those that are shown. */
  public void show(Stat stat) {
    if (shownAsStored) {
      return;
    }
    stat.uid = squashUid != IdMapping.NONE ? squashUid : users.shown(stat.uid);
    stat.gid = squashGid != IdMapping.NONE ? squashGid : groups.shown(stat.gid);
  }

  /** What a change of owner to {@code shown} stores; EINVAL where that user has no counterpart. */
  public int storedUid(int shown) throws ErrnoException {
    return required(users.stored(shown));
  }

  /** As {@link #storedUid}, of a group. */
  public int storedGid(int shown) throws ErrnoException {
    return required(groups.stored(shown));
  }

  private static int required(int stored) throws ErrnoException {
    if (stored == IdMapping.NONE) {
      throw new ErrnoException(Errno.EINVAL, "chown to an id that is not mapped");
    }
    return stored;
  }

  /** Whose, as stored, what user {@code shown} creates will be. */
  public int creatorUid(int shown) {
    return orOverflow(users.stored(shown));
  }

  /** As {@link #creatorUid}, of a group. */
  public int creatorGid(int shown) {
    return orOverflow(groups.stored(shown));
  }

  /** Nobody's, not an error: container engines make mount points as a root that is not mapped. */
  private static int orOverflow(int stored) {
    return stored == IdMapping.NONE ? IdMapping.OVERFLOW : stored;
  }

  /** Maps the ids in an ACL's value, {@code size} bytes at {@code at}, to those that are shown. */
  public void showAcl(NativeMemory value, int at, int size) {
    if (mapsIds()) {
      AclIds.map(value, at, size, users::shown, groups::shown);
    }
  }

  /** Maps the ids in an ACL's value back to those that are stored: EINVAL as {@link #storedUid}. */
  public void storeAcl(NativeMemory value, int at, int size) throws ErrnoException {
    if (mapsIds() && !AclIds.map(value, at, size, users::stored, groups::stored)) {
      throw new ErrnoException(Errno.EINVAL, "ACL for an id that is not mapped");
    }
  }
}
