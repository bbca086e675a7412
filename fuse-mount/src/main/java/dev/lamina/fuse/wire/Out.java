package dev.lamina.fuse.wire;

/** Offsets and sizes of the structs in replies, bytes, as {@link In} has those of requests. */
public final class Out {
  private Out() {}

  /** {@code struct fuse_out_header}: in front of every reply. */
  public static final class Header {
    public static final int LEN = 0;
    public static final int ERROR = 4;
    public static final int UNIQUE = 8;
    public static final int SIZE = 16;

    private Header() {}
  }

  /** {@code struct fuse_init_out}. */
  public static final class Init {
    public static final int MAJOR = 0;
    public static final int MINOR = 4;
    public static final int MAX_READAHEAD = 8;
    public static final int FLAGS = 12;
    public static final int MAX_BACKGROUND = 16;
    public static final int CONGESTION_THRESHOLD = 18;
    public static final int MAX_WRITE = 20;
    public static final int TIME_GRAN = 24;
    public static final int MAX_PAGES = 28;
    public static final int FLAGS2 = 32;
    public static final int MAX_STACK_DEPTH = 36;
    public static final int SIZE = 64;

    private Init() {}
  }

  /** {@code struct fuse_attr}: inside {@link Entry} and {@link Attr}. */
  public static final class Attributes {
    public static final int INO = 0;
    public static final int FILE_SIZE = 8;
    public static final int BLOCKS = 16;
    public static final int ATIME = 24;
    public static final int MTIME = 32;
    public static final int CTIME = 40;
    public static final int ATIMENSEC = 48;
    public static final int MTIMENSEC = 52;
    public static final int CTIMENSEC = 56;
    public static final int MODE = 60;
    public static final int NLINK = 64;
    public static final int UID = 68;
    public static final int GID = 72;
    public static final int RDEV = 76;
    public static final int BLKSIZE = 80;
    public static final int FLAGS = 84;
    public static final int SIZE = 88;

    private Attributes() {}
  }

  /** {@code struct fuse_entry_out}. */
  public static final class Entry {
    public static final int NODEID = 0;
    public static final int GENERATION = 8;
    public static final int ENTRY_VALID = 16;
    public static final int ATTR_VALID = 24;
    public static final int ENTRY_VALID_NSEC = 32;
    public static final int ATTR_VALID_NSEC = 36;
    public static final int ATTR = 40;
    public static final int SIZE = 128;

    private Entry() {}
  }

  /** {@code struct fuse_attr_out}. */
  public static final class Attr {
    public static final int ATTR_VALID = 0;
    public static final int ATTR_VALID_NSEC = 8;
    public static final int ATTR = 16;
    public static final int SIZE = 104;

    private Attr() {}
  }

  /** {@code struct fuse_statx_out}. */
  public static final class Statx {
    public static final int ATTR_VALID = 0;
    public static final int ATTR_VALID_NSEC = 8;
    public static final int STAT = 32;
    public static final int SIZE = 288;

    private Statx() {}
  }

  /** {@code struct fuse_statx}: inside {@link Statx}. */
  public static final class StatxAttributes {
    public static final int MASK = 0;
    public static final int BLKSIZE = 4;
    public static final int NLINK = 16;
    public static final int UID = 20;
    public static final int GID = 24;
    public static final int MODE = 28;
    public static final int INO = 32;
    public static final int FILE_SIZE = 40;
    public static final int BLOCKS = 48;
    public static final int ATIME = 64;
    public static final int BTIME = 80;
    public static final int CTIME = 96;
    public static final int MTIME = 112;
    public static final int RDEV_MAJOR = 128;
    public static final int RDEV_MINOR = 132;
    public static final int SIZE = 256;

    private StatxAttributes() {}
  }

  /** {@code struct fuse_open_out}, for OPEN, OPENDIR and, after an {@link Entry}, CREATE. */
  public static final class Open {
    public static final int FH = 0;
    public static final int OPEN_FLAGS = 8;
    public static final int BACKING_ID = 12;
    public static final int SIZE = 16;

    // Bits of OPEN_FLAGS.
    public static final int FOPEN_DIRECT_IO = 1;
    public static final int FOPEN_KEEP_CACHE = 1 << 1;
    public static final int FOPEN_CACHE_DIR = 1 << 3;
    public static final int FOPEN_NOFLUSH = 1 << 5;
    public static final int FOPEN_PARALLEL_DIRECT_WRITES = 1 << 6;
    public static final int FOPEN_PASSTHROUGH = 1 << 7;

    private Open() {}
  }

  /** {@code struct fuse_write_out}, for WRITE and COPY_FILE_RANGE. */
  public static final class Write {
    public static final int COUNT = 0;
    public static final int SIZE = 8;

    private Write() {}
  }

  /** {@code struct fuse_copy_file_range_out}. */
  public static final class CopyFileRange {
    public static final int BYTES_COPIED = 0;
    public static final int SIZE = 8;

    private CopyFileRange() {}
  }

  /** {@code struct fuse_ioctl_out}, then the argument's data. */
  public static final class Ioctl {
    public static final int RESULT = 0;
    public static final int FLAGS = 4;
    public static final int SIZE = 16;

    private Ioctl() {}
  }

  /** {@code struct fuse_lseek_out}. */
  public static final class Lseek {
    public static final int OFFSET = 0;
    public static final int SIZE = 8;

    private Lseek() {}
  }

  /** {@code struct fuse_getxattr_out}: the size alone, when that was asked. */
  public static final class Getxattr {
    public static final int COUNT = 0;
    public static final int SIZE = 8;

    private Getxattr() {}
  }

  /** {@code struct fuse_statfs_out}. */
  public static final class Statfs {
    public static final int BLOCKS = 0;
    public static final int BFREE = 8;
    public static final int BAVAIL = 16;
    public static final int FILES = 24;
    public static final int FFREE = 32;
    public static final int BSIZE = 40;
    public static final int NAMELEN = 44;
    public static final int FRSIZE = 48;
    public static final int SIZE = 80;

    private Statfs() {}
  }

  /** {@code struct fuse_dirent}, then the name, padded to a multiple of 8. */
  public static final class Dirent {
    public static final int INO = 0;
    public static final int OFF = 8;
    public static final int NAMELEN = 16;
    public static final int TYPE = 20;
    public static final int SIZE = 24;

    private Dirent() {}
  }

  /** {@code struct fuse_direntplus}: an {@link Entry}, then a {@link Dirent}. */
  public static final class Direntplus {
    public static final int DIRENT = 128;
    public static final int SIZE = 152;

    private Direntplus() {}
  }

  /** {@code struct fuse_notify_inval_inode_out}: an unasked message to the kernel. */
  public static final class InvalInode {
    public static final int INO = 0;
    public static final int OFF = 8;
    public static final int LEN = 16;
    public static final int SIZE = 24;

    /** The notification's code, in the place of the error in the header. */
    public static final int FUSE_NOTIFY_INVAL_INODE = 2;

    private InvalInode() {}
  }

  /** {@code struct fuse_notify_store_out}: an unasked message to the kernel, data follows. */
  public static final class Store {
    public static final int NODEID = 0;
    public static final int OFFSET = 8;
    public static final int LENGTH = 16;
    public static final int PADDING = 20;
    public static final int SIZE = 24;

    /** The notification's code, in the place of the error in the header. */
    public static final int FUSE_NOTIFY_STORE = 4;

    private Store() {}
  }
}
