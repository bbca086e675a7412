package dev.lamina.linux;

/**
 * What {@code statx} tells of one file: a C struct with the names of stat(3type). One belongs to
 * one thread and is overwritten by each call that fills it, so that nothing is allocated.
 */
public final class Stat {
  /** Everything of {@code STATX_BASIC_STATS} and the birth time. */
  static final int MASK = 0xfff;

  static final int SIZE = 256;

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

  public boolean isDirectory() {
    return FileMode.isDirectory(mode);
  }

  public boolean isRegular() {
    return FileMode.isRegular(mode);
  }

  public boolean isSymlink() {
    return FileMode.isSymlink(mode);
  }

  /** Whether this is the kernel overlayfs's whiteout: a character device 0:0. */
  public boolean isCharDevice00() {
    return FileMode.isCharDevice(mode) && rdev == 0;
  }

  /** Offsets of {@code struct statx} (linux/stat.h), the same on every architecture. */
  void read(NativeMemory m) {
    blksize = m.getInt(4);
    nlink = m.getInt(16);
    uid = m.getInt(20);
    gid = m.getInt(24);
    mode = m.getShort(28) & 0xffff;
    ino = m.getLong(32);
    size = m.getLong(40);
    blocks = m.getLong(48);
    atime = m.getLong(64);
    atimeNanos = m.getInt(72);
    btime = m.getLong(80);
    btimeNanos = m.getInt(88);
    ctime = m.getLong(96);
    ctimeNanos = m.getInt(104);
    mtime = m.getLong(112);
    mtimeNanos = m.getInt(120);
    rdev = FileMode.device(m.getInt(128), m.getInt(132));
    dev = FileMode.device(m.getInt(136), m.getInt(140));
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
  }
}
