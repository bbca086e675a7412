package dev.lamina.linux;

/** Flags of {@code open}, with the values of the running architecture. */
public final class OpenFlags {
  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_ACCMODE = 3;
  public static final int O_CREAT = 0x40;
  public static final int O_EXCL = 0x80;
  public static final int O_NOCTTY = 0x100;
  public static final int O_TRUNC = 0x200;
  public static final int O_APPEND = 0x400;
  public static final int O_NONBLOCK = 0x800;
  public static final int O_DSYNC = 0x1000;
  public static final int O_SYNC = 0x101000;
  public static final int O_NOATIME = 0x40000;
  public static final int O_CLOEXEC = 0x80000;
  public static final int O_PATH = 0x200000;
  public static final int O_DIRECT = Arch.current().oDirect;
  public static final int O_DIRECTORY = Arch.current().oDirectory;
  public static final int O_NOFOLLOW = Arch.current().oNofollow;
  public static final int O_TMPFILE = 0x400000 | O_DIRECTORY;

  private OpenFlags() {}

  /** Whether the access mode of {@code flags} lets data be written. */
  public static boolean writes(int flags) {
    return (flags & O_ACCMODE) != O_RDONLY;
  }
}
