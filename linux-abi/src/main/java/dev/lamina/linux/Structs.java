package dev.lamina.linux;

/**
 * Offsets and sizes, in bytes, of the C structs that system calls take: what is the same on all
 * 64-bit little-endian Linux. Each class is a struct and each constant a field of it, but for SIZE;
 * the tests compare them with the headers of the C compiler.
 */
final class Structs {
  private Structs() {}

  /** {@code linux/stat.h}. */
  static final class Statx {
    static final int STX_BLKSIZE = 4;
    static final int STX_ATTRIBUTES = 8;
    static final int STX_NLINK = 16;
    static final int STX_UID = 20;
    static final int STX_GID = 24;
    static final int STX_MODE = 28;
    static final int STX_INO = 32;
    static final int STX_SIZE = 40;
    static final int STX_BLOCKS = 48;
    static final int STX_ATIME = 64;
    static final int STX_BTIME = 80;
    static final int STX_CTIME = 96;
    static final int STX_MTIME = 112;
    static final int STX_RDEV_MAJOR = 128;
    static final int STX_RDEV_MINOR = 132;
    static final int STX_DEV_MAJOR = 136;
    static final int STX_DEV_MINOR = 140;
    static final int STX_MNT_ID = 144;
    static final int SIZE = 256;

    private Statx() {}
  }

  /** {@code linux/stat.h}; the seconds come first. */
  static final class StatxTimestamp {
    static final int TV_NSEC = 8;
    static final int SIZE = 16;

    private StatxTimestamp() {}
  }

  /** {@code asm-generic/statfs.h}. */
  static final class Statfs {
    static final int F_TYPE = 0;
    static final int F_BSIZE = 8;
    static final int F_BLOCKS = 16;
    static final int F_BFREE = 24;
    static final int F_BAVAIL = 32;
    static final int F_FILES = 40;
    static final int F_FFREE = 48;
    static final int F_FSID = 56;
    static final int F_NAMELEN = 64;
    static final int F_FRSIZE = 72;
    static final int SIZE = 120;

    private Statfs() {}
  }

  /** {@code linux_dirent64} of getdents(2). */
  static final class Dirent64 {
    static final int D_INO = 0;
    static final int D_RECLEN = 16;
    static final int D_TYPE = 18;
    static final int D_NAME = 19;

    private Dirent64() {}
  }

  /** {@code linux/openat2.h}. */
  static final class OpenHow {
    static final int FLAGS = 0;
    static final int MODE = 8;
    static final int RESOLVE = 16;
    static final int SIZE = 24;

    private OpenHow() {}
  }

  /** {@code linux/mount.h}. */
  static final class MountAttr {
    static final int ATTR_SET = 0;
    static final int ATTR_CLR = 8;
    static final int SIZE = 32;

    private MountAttr() {}
  }

  /** {@code linux/xattr.h} of Linux 6.13. */
  static final class XattrArgs {
    static final int VALUE = 0;
    static final int SIZE_FIELD = 8;
    static final int FLAGS = 12;
    static final int SIZE = 16;

    private XattrArgs() {}
  }

  /** {@code linux/time_types.h}. */
  static final class Timespec {
    static final int TV_SEC = 0;
    static final int TV_NSEC = 8;
    static final int SIZE = 16;

    private Timespec() {}
  }

  /** {@code linux/resource.h}. */
  static final class Rlimit {
    static final int RLIM_CUR = 0;
    static final int RLIM_MAX = 8;
    static final int SIZE = 16;

    private Rlimit() {}
  }

  /** recvmsg(2). */
  static final class Msghdr {
    static final int MSG_IOV = 16;
    static final int MSG_IOVLEN = 24;
    static final int MSG_CONTROL = 32;
    static final int MSG_CONTROLLEN = 40;
    static final int SIZE = 56;

    private Msghdr() {}
  }

  /** unix(7). */
  static final class SockaddrUn {
    static final int SUN_FAMILY = 0;
    static final int SUN_PATH = 2;
    static final int SIZE = 110;

    private SockaddrUn() {}
  }

  /** SO_PEERCRED, unix(7). */
  static final class Ucred {
    static final int PID = 0;
    static final int UID = 4;
    static final int GID = 8;
    static final int SIZE = 12;

    private Ucred() {}
  }

  /** {@code linux/uio.h}. */
  static final class Iovec {
    static final int IOV_BASE = 0;
    static final int IOV_LEN = 8;
    static final int SIZE = 16;

    private Iovec() {}
  }

  /** cmsg(3). Its data follow. */
  static final class Cmsghdr {
    static final int CMSG_LEVEL = 8;
    static final int CMSG_TYPE = 12;
    static final int SIZE = 16;

    private Cmsghdr() {}
  }

  /** {@code linux/io_uring.h}, as the next four. */
  static final class IoUringParams {
    static final int SQ_ENTRIES = 0;
    static final int CQ_ENTRIES = 4;
    static final int FLAGS = 8;
    static final int SQ_OFF = 40;
    static final int CQ_OFF = 80;
    static final int SIZE = 120;

    private IoUringParams() {}
  }

  /** The kernel's answer: where the fields of the submission ring are. */
  static final class IoSqringOffsets {
    static final int HEAD = 0;
    static final int TAIL = 4;
    static final int RING_MASK = 8;
    static final int RING_ENTRIES = 12;
    static final int USER_ADDR = 32;
    static final int SIZE = 40;

    private IoSqringOffsets() {}
  }

  /** The same of the completion ring. */
  static final class IoCqringOffsets {
    static final int HEAD = 0;
    static final int TAIL = 4;
    static final int RING_MASK = 8;
    static final int RING_ENTRIES = 12;
    static final int CQES = 20;
    static final int USER_ADDR = 32;
    static final int SIZE = 40;

    private IoCqringOffsets() {}
  }

  /** Twice its size where the ring has {@code IORING_SETUP_SQE128}: {@code cmd} goes on. */
  static final class IoUringSqe {
    static final int OPCODE = 0;
    static final int FD = 4;
    static final int CMD_OP = 8;
    static final int ADDR = 16;
    static final int LEN = 24;
    static final int USER_DATA = 32;
    static final int CMD = 48;
    static final int SIZE = 64;

    private IoUringSqe() {}
  }

  static final class IoUringCqe {
    static final int USER_DATA = 0;
    static final int RES = 8;
    static final int SIZE = 16;

    private IoUringCqe() {}
  }
}
