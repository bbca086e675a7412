package dev.lamina.linux;

import dev.lamina.linux.Structs.Statx;
import dev.lamina.linux.Structs.StatxTimestamp;

/**
 * What {@code statx} tells of one file: a C struct with the names of stat(3type). One belongs to
 * one thread and is overwritten by each call that fills it, so that nothing is allocated.
 */
public final class Stat {
  /** Everything of {@code STATX_BASIC_STATS} and the birth time. */
  static final int MASK = 0xfff;

  private static final long STATX_ATTR_IMMUTABLE = 0x10;
  private static final long STATX_ATTR_APPEND = 0x20;

  public int mode;
  public int nlink;
  public int uid;
  public int gid;
  public long ino;

  /** Bytes. */
  public long size;

  /** Units of 512 bytes. */
  public long blocks;

  public int blksize;

  /** Device number of the filesystem that holds the file, see {@link FileMode#device}. */
  public long dev;

  /** Device number that a device node stands for. */
  public long rdev;

  public long atime;
  public int atimeNanos;
  public long mtime;
  public int mtimeNanos;
  public long ctime;
  public int ctimeNanos;

  /** Seconds of the birth time, or 0 where the filesystem keeps none. */
  public long btime;

  public int btimeNanos;

  /**
   * Whether the file must not change at all ({@code chattr +i}); the filesystem refuses (EPERM).
   */
  public boolean immutable;

  /** Whether data may only be added to the file ({@code chattr +a}). */
  public boolean appendOnly;

  /** Whether this is a directory. */
  public boolean isDirectory() {
    return FileMode.isDirectory(mode);
  }

  /** Whether this is a regular file. */
  public boolean isRegular() {
    return FileMode.isRegular(mode);
  }

  /** Whether this is a symbolic link. */
  public boolean isSymlink() {
    return FileMode.isSymlink(mode);
  }

  /** Whether this is the kernel overlayfs's whiteout: a character device 0:0. */
  public boolean isCharDevice00() {
    return FileMode.isCharDevice(mode) && rdev == 0;
  }

  /** From a {@code struct statx} that the kernel filled. */
  void read(NativeMemory m) {
    blksize = m.getInt(Statx.STX_BLKSIZE);
    nlink = m.getInt(Statx.STX_NLINK);
    uid = m.getInt(Statx.STX_UID);
    gid = m.getInt(Statx.STX_GID);
    mode = m.getShort(Statx.STX_MODE) & 0xffff;
    ino = m.getLong(Statx.STX_INO);
    size = m.getLong(Statx.STX_SIZE);
    blocks = m.getLong(Statx.STX_BLOCKS);
    atime = m.getLong(Statx.STX_ATIME);
    atimeNanos = m.getInt(Statx.STX_ATIME + StatxTimestamp.TV_NSEC);
    btime = m.getLong(Statx.STX_BTIME);
    btimeNanos = m.getInt(Statx.STX_BTIME + StatxTimestamp.TV_NSEC);
    ctime = m.getLong(Statx.STX_CTIME);
    ctimeNanos = m.getInt(Statx.STX_CTIME + StatxTimestamp.TV_NSEC);
    mtime = m.getLong(Statx.STX_MTIME);
    mtimeNanos = m.getInt(Statx.STX_MTIME + StatxTimestamp.TV_NSEC);
    long attributes = m.getLong(Statx.STX_ATTRIBUTES);
    immutable = (attributes & STATX_ATTR_IMMUTABLE) != 0;
    appendOnly = (attributes & STATX_ATTR_APPEND) != 0;
    rdev = FileMode.device(m.getInt(Statx.STX_RDEV_MAJOR), m.getInt(Statx.STX_RDEV_MINOR));
    dev = FileMode.device(m.getInt(Statx.STX_DEV_MAJOR), m.getInt(Statx.STX_DEV_MINOR));
  }

  /** Copies every field of {@code other}. */
  public void set(Stat other) {
    mode = other.mode;
    nlink = other.nlink;
    uid = other.uid;
    gid = other.gid;
    ino = other.ino;
    size = other.size;
    blocks = other.blocks;
    blksize = other.blksize;
    dev = other.dev;
    rdev = other.rdev;
    atime = other.atime;
    atimeNanos = other.atimeNanos;
    mtime = other.mtime;
    mtimeNanos = other.mtimeNanos;
    ctime = other.ctime;
    ctimeNanos = other.ctimeNanos;
    btime = other.btime;
    btimeNanos = other.btimeNanos;
    immutable = other.immutable;
    appendOnly = other.appendOnly;
  }
}
