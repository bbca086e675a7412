package dev.lamina.fuse.wire;

/**
 * Offsets and sizes of the structs in requests, bytes, from the start of the struct: linux/fuse.h.
 * All are padded to 64 bits, so they are the same on every architecture. A name or data that
 * follows a struct starts at its {@code SIZE}.
 */
public final class In {
  private In() {}

  /** {@code struct fuse_in_header}: in front of every request. */
  public static final class Header {
    public static final int LEN = 0;
    public static final int OPCODE = 4;
    public static final int UNIQUE = 8;
    public static final int NODEID = 16;
    public static final int UID = 24;
    public static final int GID = 28;
    public static final int PID = 32;
    public static final int SIZE = 40;

    private Header() {}
  }

  /** {@code struct fuse_init_in}; 16 bytes without INIT_EXT. */
  public static final class Init {
    public static final int MAJOR = 0;
    public static final int MINOR = 4;
    public static final int MAX_READAHEAD = 8;
    public static final int FLAGS = 12;
    public static final int FLAGS2 = 16;
    public static final int SIZE = 64;

    private Init() {}
  }

  /** {@code struct fuse_forget_in}. */
  public static final class Forget {
    public static final int NLOOKUP = 0;
    public static final int SIZE = 8;

    private Forget() {}
  }

  /** {@code struct fuse_batch_forget_in}, then {@code count} times {@link ForgetOne}. */
  public static final class BatchForget {
    public static final int COUNT = 0;
    public static final int SIZE = 8;

    private BatchForget() {}
  }

  /** {@code struct fuse_forget_one}. */
  public static final class ForgetOne {
    public static final int NODEID = 0;
    public static final int NLOOKUP = 8;
    public static final int SIZE = 16;

    private ForgetOne() {}
  }

  /** {@code struct fuse_setattr_in}. */
  public static final class Setattr {
    public static final int VALID = 0;
    public static final int FH = 8;
    public static final int FILE_SIZE = 16;
    public static final int ATIME = 32;
    public static final int MTIME = 40;
    public static final int ATIMENSEC = 56;
    public static final int MTIMENSEC = 60;
    public static final int MODE = 68;
    public static final int UID = 76;
    public static final int GID = 80;
    public static final int SIZE = 88;

    // Bits of VALID.
    public static final int FATTR_MODE = 1;
    public static final int FATTR_UID = 1 << 1;
    public static final int FATTR_GID = 1 << 2;
    public static final int FATTR_SIZE = 1 << 3;
    public static final int FATTR_ATIME = 1 << 4;
    public static final int FATTR_MTIME = 1 << 5;
    public static final int FATTR_FH = 1 << 6;
    public static final int FATTR_ATIME_NOW = 1 << 7;
    public static final int FATTR_MTIME_NOW = 1 << 8;
    public static final int FATTR_CTIME = 1 << 10;
    public static final int FATTR_KILL_SUIDGID = 1 << 11;

    private Setattr() {}
  }

  /** {@code struct fuse_mknod_in}, then the name. */
  public static final class Mknod {
    public static final int MODE = 0;
    public static final int RDEV = 4;
    public static final int UMASK = 8;
    public static final int SIZE = 16;

    private Mknod() {}
  }

  /** {@code struct fuse_mkdir_in}, then the name. */
  public static final class Mkdir {
    public static final int MODE = 0;
    public static final int UMASK = 4;
    public static final int SIZE = 8;

    private Mkdir() {}
  }

  /** {@code struct fuse_rename_in}, then the old and the new name. */
  public static final class Rename {
    public static final int NEWDIR = 0;
    public static final int SIZE = 8;

    private Rename() {}
  }

  /** {@code struct fuse_rename2_in}, then the old and the new name. */
  public static final class Rename2 {
    public static final int NEWDIR = 0;
    public static final int FLAGS = 8;
    public static final int SIZE = 16;

    private Rename2() {}
  }

  /** {@code struct fuse_link_in}, then the new name. */
  public static final class Link {
    public static final int OLDNODEID = 0;
    public static final int SIZE = 8;

    private Link() {}
  }

  /** {@code struct fuse_open_in}, for OPEN and OPENDIR. */
  public static final class Open {
    public static final int FLAGS = 0;
    public static final int OPEN_FLAGS = 4;
    public static final int SIZE = 8;

    /** Bit of OPEN_FLAGS: a truncating open clears setuid and setgid. */
    public static final int FUSE_OPEN_KILL_SUIDGID = 1;

    private Open() {}
  }

  /** {@code struct fuse_create_in}, then the name. */
  public static final class Create {
    public static final int FLAGS = 0;
    public static final int MODE = 4;
    public static final int UMASK = 8;
    public static final int SIZE = 16;

    private Create() {}
  }

  /** {@code struct fuse_ioctl_in}, then the argument's data. */
  public static final class Ioctl {
    public static final int FH = 0;
    public static final int FLAGS = 8;
    public static final int CMD = 12;
    public static final int ARG = 16;
    public static final int IN_SIZE = 24;
    public static final int OUT_SIZE = 28;
    public static final int SIZE = 32;

    private Ioctl() {}
  }

  /** {@code struct fuse_read_in}, for READ, READDIR and READDIRPLUS. */
  public static final class Read {
    public static final int FH = 0;
    public static final int OFFSET = 8;
    public static final int COUNT = 16;
    public static final int SIZE = 40;

    private Read() {}
  }

  /** {@code struct fuse_write_in}, then the data. */
  public static final class Write {
    public static final int FH = 0;
    public static final int OFFSET = 8;
    public static final int COUNT = 16;
    public static final int WRITE_FLAGS = 20;
    public static final int SIZE = 40;

    /** Bit of WRITE_FLAGS: the writer lacks CAP_FSETID. */
    public static final int FUSE_WRITE_KILL_SUIDGID = 1 << 2;

    private Write() {}
  }

  /** {@code struct fuse_release_in}, for RELEASE and RELEASEDIR. */
  public static final class Release {
    public static final int FH = 0;
    public static final int SIZE = 24;

    private Release() {}
  }

  /** {@code struct fuse_flush_in}. */
  public static final class Flush {
    public static final int FH = 0;
    public static final int SIZE = 24;

    private Flush() {}
  }

  /** {@code struct fuse_fsync_in}, for FSYNC and FSYNCDIR. */
  public static final class Fsync {
    public static final int FH = 0;
    public static final int FSYNC_FLAGS = 8;
    public static final int SIZE = 16;

    /** Bit of FSYNC_FLAGS: data only. */
    public static final int FUSE_FSYNC_FDATASYNC = 1;

    private Fsync() {}
  }

  /** {@code struct fuse_setxattr_in}, then the name and the value. */
  public static final class Setxattr {
    public static final int COUNT = 0;
    public static final int FLAGS = 4;
    public static final int SETXATTR_FLAGS = 8;
    public static final int SIZE = 16;

    /** Size where SETXATTR_EXT was not negotiated. */
    public static final int COMPAT_SIZE = 8;

    /** Bit of SETXATTR_FLAGS: setting the access ACL clears setgid. */
    public static final int FUSE_SETXATTR_ACL_KILL_SGID = 1;

    private Setxattr() {}
  }

  /** {@code struct fuse_getxattr_in}, for GETXATTR (then the name) and LISTXATTR. */
  public static final class Getxattr {
    public static final int COUNT = 0;
    public static final int SIZE = 8;

    private Getxattr() {}
  }

  /** {@code struct fuse_fallocate_in}. */
  public static final class Fallocate {
    public static final int FH = 0;
    public static final int OFFSET = 8;
    public static final int LENGTH = 16;
    public static final int MODE = 24;
    public static final int SIZE = 32;

    private Fallocate() {}
  }

  /** {@code struct fuse_lseek_in}. */
  public static final class Lseek {
    public static final int FH = 0;
    public static final int OFFSET = 8;
    public static final int WHENCE = 16;
    public static final int SIZE = 24;

    private Lseek() {}
  }

  /** {@code struct fuse_copy_file_range_in}, for both widths of the reply. */
  public static final class CopyFileRange {
    public static final int FH_IN = 0;
    public static final int OFF_IN = 8;
    public static final int FH_OUT = 24;
    public static final int OFF_OUT = 32;
    public static final int LEN = 40;
    public static final int SIZE = 56;

    private CopyFileRange() {}
  }
}
