package dev.lamina.overlay;

/**
 * Which attributes a {@link InodeFileSystem#setattr} changes, and to what. Several may change at
 * once; {@link #set} says which, with the constants of this class or-ed together.
 */
public final class AttributeChange {
  public static final int MODE = 1;
  public static final int UID = 1 << 1;
  public static final int GID = 1 << 2;
  public static final int SIZE = 1 << 3;
  public static final int ATIME = 1 << 4;
  public static final int MTIME = 1 << 5;

  /** The access time becomes the time of the call; {@link #ATIME} is set as well. */
  public static final int ATIME_NOW = 1 << 6;

  /** The modification time becomes the time of the call; {@link #MTIME} is set as well. */
  public static final int MTIME_NOW = 1 << 7;

  /** Clear setuid, and setgid of a group-executable file, as a write by an ordinary user does. */
  public static final int KILL_PRIVILEGES = 1 << 8;

  /**
   * Clear setgid, whoever may execute, as setting an access ACL from outside the file's group does
   * (posix_acl_update_mode).
   */
  public static final int KILL_SETGID = 1 << 9;

  public int set;

  /** Permission bits, setuid, setgid and sticky. */
  public int mode;

  public int uid;
  public int gid;

  /** Bytes. */
  public long size;

  public long atime;
  public int atimeNanos;
  public long mtime;
  public int mtimeNanos;

  /** Whether {@code attribute}, one of the constants, is to change. */
  public boolean has(int attribute) {
    return (set & attribute) != 0;
  }
}
