package dev.lamina.fuse.wire;

import java.util.Map;

/** Kinds of requests: {@code enum fuse_opcode} of linux/fuse.h, protocol 7.45. */
public final class Opcode {
  public static final int LOOKUP = 1;
  public static final int FORGET = 2;
  public static final int GETATTR = 3;
  public static final int SETATTR = 4;
  public static final int READLINK = 5;
  public static final int SYMLINK = 6;
  public static final int MKNOD = 8;
  public static final int MKDIR = 9;
  public static final int UNLINK = 10;
  public static final int RMDIR = 11;
  public static final int RENAME = 12;
  public static final int LINK = 13;
  public static final int OPEN = 14;
  public static final int READ = 15;
  public static final int WRITE = 16;
  public static final int STATFS = 17;
  public static final int RELEASE = 18;
  public static final int FSYNC = 20;
  public static final int SETXATTR = 21;
  public static final int GETXATTR = 22;
  public static final int LISTXATTR = 23;
  public static final int REMOVEXATTR = 24;
  public static final int FLUSH = 25;
  public static final int INIT = 26;
  public static final int OPENDIR = 27;
  public static final int READDIR = 28;
  public static final int RELEASEDIR = 29;
  public static final int FSYNCDIR = 30;
  public static final int GETLK = 31;
  public static final int SETLK = 32;
  public static final int SETLKW = 33;
  public static final int ACCESS = 34;
  public static final int CREATE = 35;
  public static final int INTERRUPT = 36;
  public static final int BMAP = 37;
  public static final int DESTROY = 38;
  public static final int IOCTL = 39;
  public static final int POLL = 40;
  public static final int NOTIFY_REPLY = 41;
  public static final int BATCH_FORGET = 42;
  public static final int FALLOCATE = 43;
  public static final int READDIRPLUS = 44;
  public static final int RENAME2 = 45;
  public static final int LSEEK = 46;
  public static final int COPY_FILE_RANGE = 47;
  public static final int SETUPMAPPING = 48;
  public static final int REMOVEMAPPING = 49;
  public static final int SYNCFS = 50;
  public static final int TMPFILE = 51;
  public static final int STATX = 52;
  public static final int COPY_FILE_RANGE_64 = 53;

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(LOOKUP, "LOOKUP"),
          Map.entry(FORGET, "FORGET"),
          Map.entry(GETATTR, "GETATTR"),
          Map.entry(SETATTR, "SETATTR"),
          Map.entry(READLINK, "READLINK"),
          Map.entry(SYMLINK, "SYMLINK"),
          Map.entry(MKNOD, "MKNOD"),
          Map.entry(MKDIR, "MKDIR"),
          Map.entry(UNLINK, "UNLINK"),
          Map.entry(RMDIR, "RMDIR"),
          Map.entry(RENAME, "RENAME"),
          Map.entry(LINK, "LINK"),
          Map.entry(OPEN, "OPEN"),
          Map.entry(READ, "READ"),
          Map.entry(WRITE, "WRITE"),
          Map.entry(STATFS, "STATFS"),
          Map.entry(RELEASE, "RELEASE"),
          Map.entry(FSYNC, "FSYNC"),
          Map.entry(SETXATTR, "SETXATTR"),
          Map.entry(GETXATTR, "GETXATTR"),
          Map.entry(LISTXATTR, "LISTXATTR"),
          Map.entry(REMOVEXATTR, "REMOVEXATTR"),
          Map.entry(FLUSH, "FLUSH"),
          Map.entry(INIT, "INIT"),
          Map.entry(OPENDIR, "OPENDIR"),
          Map.entry(READDIR, "READDIR"),
          Map.entry(RELEASEDIR, "RELEASEDIR"),
          Map.entry(FSYNCDIR, "FSYNCDIR"),
          Map.entry(GETLK, "GETLK"),
          Map.entry(SETLK, "SETLK"),
          Map.entry(SETLKW, "SETLKW"),
          Map.entry(ACCESS, "ACCESS"),
          Map.entry(CREATE, "CREATE"),
          Map.entry(INTERRUPT, "INTERRUPT"),
          Map.entry(BMAP, "BMAP"),
          Map.entry(DESTROY, "DESTROY"),
          Map.entry(IOCTL, "IOCTL"),
          Map.entry(POLL, "POLL"),
          Map.entry(NOTIFY_REPLY, "NOTIFY_REPLY"),
          Map.entry(BATCH_FORGET, "BATCH_FORGET"),
          Map.entry(FALLOCATE, "FALLOCATE"),
          Map.entry(READDIRPLUS, "READDIRPLUS"),
          Map.entry(RENAME2, "RENAME2"),
          Map.entry(LSEEK, "LSEEK"),
          Map.entry(COPY_FILE_RANGE, "COPY_FILE_RANGE"),
          Map.entry(SETUPMAPPING, "SETUPMAPPING"),
          Map.entry(REMOVEMAPPING, "REMOVEMAPPING"),
          Map.entry(SYNCFS, "SYNCFS"),
          Map.entry(TMPFILE, "TMPFILE"),
          Map.entry(STATX, "STATX"),
          Map.entry(COPY_FILE_RANGE_64, "COPY_FILE_RANGE_64"));

  private Opcode() {}

  /** The name as in the header, for messages. */
  public static String name(int opcode) {
    return NAMES.getOrDefault(opcode, "opcode " + opcode);
  }
}
