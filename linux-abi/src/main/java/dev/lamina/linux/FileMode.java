package dev.lamina.linux;

/** The bits of {@code st_mode}, octal as in inode(7), and device numbers. */
public final class FileMode {
  public static final int S_IFMT = 0170000;
  public static final int S_IFSOCK = 0140000;
  public static final int S_IFLNK = 0120000;
  public static final int S_IFREG = 0100000;
  public static final int S_IFBLK = 0060000;
  public static final int S_IFDIR = 0040000;
  public static final int S_IFCHR = 0020000;
  public static final int S_IFIFO = 0010000;
  public static final int S_ISUID = 04000;
  public static final int S_ISGID = 02000;
  public static final int S_ISVTX = 01000;
  public static final int PERMISSIONS = 07777;

  private FileMode() {}

  /** Whether {@code st_mode} is of a directory. */
  public static boolean isDirectory(int mode) {
    return (mode & S_IFMT) == S_IFDIR;
  }

  /** Whether {@code st_mode} is of a regular file. */
  public static boolean isRegular(int mode) {
    return (mode & S_IFMT) == S_IFREG;
  }

  /** Whether {@code st_mode} is of a symbolic link. */
  public static boolean isSymlink(int mode) {
    return (mode & S_IFMT) == S_IFLNK;
  }

  /** Whether {@code st_mode} is of a character device. */
  public static boolean isCharDevice(int mode) {
    return (mode & S_IFMT) == S_IFCHR;
  }

  /** The {@code d_type} of a directory entry for this mode (readdir(3)): the type bits over 12. */
  public static int directoryType(int mode) {
    return (mode & S_IFMT) >>> 12;
  }

  /**
   * Device number as the system calls take it: glibc's {@code makedev}, 12 bits of major and 20 of
   * minor in the low half.
   */
  public static long device(int major, int minor) {
    return ((major & 0xfffL) << 8) | (minor & 0xffL) | ((minor & 0xfff00L) << 12);
  }

  /** Major number of a device number. */
  public static int major(long device) {
    return (int) ((device >>> 8) & 0xfff);
  }

  /** Minor number of a device number. */
  public static int minor(long device) {
    return (int) ((device & 0xff) | ((device >>> 12) & 0xfff00));
  }
}
