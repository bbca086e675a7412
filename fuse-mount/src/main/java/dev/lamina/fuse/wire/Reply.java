package dev.lamina.fuse.wire;

import dev.lamina.linux.FileMode;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import dev.lamina.linux.StatFs;
import dev.lamina.overlay.Entry;

/**
 * One reply, written in place. Reusable as {@link Request} is, not thread-safe.
 *
 * <p>The methods that write a body return its length in bytes, for {@link #finish}. Caches last for
 * ever: nobody but the mount changes the tree, and what the server changes it announces.
 */
public final class Reply {
  /** Where the body starts in the reply's memory. */
  public static final int BODY = Out.Header.SIZE;

  /**
   * Seconds that mean "for ever": the kernel caps what it adds to its clock at half the range of
   * that (timespec64_to_jiffies).
   */
  static final long FOREVER = Long.MAX_VALUE;

  // What fuse_statx says it has: STATX_BASIC_STATS and STATX_BTIME of linux/stat.h.
  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final int STATX_BTIME = 0x800;

  private NativeMemory memory;

  public Reply reset(NativeMemory memory) {
    this.memory = memory;
    return this;
  }

  /** The memory that bulk data goes to, from {@link #BODY} on. */
  public NativeMemory memory() {
    return memory;
  }

  /** Most bytes that a body may have. */
  public int room() {
    return memory.size() - BODY;
  }

  /** Writes the header in front of a body; the length of the whole reply. */
  public int finish(long unique, int bodyLength) {
    return header(unique, 0, bodyLength);
  }

  /** A reply that is nothing but an error; its length. */
  public int error(long unique, int errno) {
    return header(unique, -errno, 0);
  }

  private int header(long unique, int error, int bodyLength) {
    memory.putInt(Out.Header.LEN, Out.Header.SIZE + bodyLength);
    memory.putInt(Out.Header.ERROR, error);
    memory.putLong(Out.Header.UNIQUE, unique);
    return Out.Header.SIZE + bodyLength;
  }

  /**
   * An entry.
   *
   * @param lasting whether its attributes stay as they are until the kernel hears otherwise
   */
  public int entry(Entry entry, boolean lasting) {
    entry(memory, BODY, entry, lasting);
    return Out.Entry.SIZE;
  }

  /** Says of a name that it does not exist, and that the kernel may remember that. */
  public int negativeEntry() {
    memory.zero(BODY, Out.Entry.SIZE);
    memory.putLong(BODY + Out.Entry.ENTRY_VALID, FOREVER);
    return Out.Entry.SIZE;
  }

  static void entry(NativeMemory memory, int at, Entry entry, boolean lasting) {
    memory.putLong(at + Out.Entry.NODEID, entry.node);
    memory.putLong(at + Out.Entry.GENERATION, entry.generation);
    memory.putLong(at + Out.Entry.ENTRY_VALID, FOREVER);
    memory.putLong(at + Out.Entry.ATTR_VALID, lasting ? FOREVER : 0);
    memory.putInt(at + Out.Entry.ENTRY_VALID_NSEC, 0);
    memory.putInt(at + Out.Entry.ATTR_VALID_NSEC, 0);
    attributes(memory, at + Out.Entry.ATTR, entry.stat);
  }

  /** Attributes; {@code lasting} as in {@link #entry(Entry, boolean)}. */
  public int attributes(Stat stat, boolean lasting) {
    memory.putLong(BODY + Out.Attr.ATTR_VALID, lasting ? FOREVER : 0);
    memory.putLong(BODY + Out.Attr.ATTR_VALID_NSEC, 0);
    attributes(memory, BODY + Out.Attr.ATTR, stat);
    return Out.Attr.SIZE;
  }

  private static void attributes(NativeMemory memory, int at, Stat stat) {
    memory.putLong(at + Out.Attributes.INO, stat.ino);
    memory.putLong(at + Out.Attributes.FILE_SIZE, stat.size);
    memory.putLong(at + Out.Attributes.BLOCKS, stat.blocks);
    memory.putLong(at + Out.Attributes.ATIME, stat.atime);
    memory.putLong(at + Out.Attributes.MTIME, stat.mtime);
    memory.putLong(at + Out.Attributes.CTIME, stat.ctime);
    memory.putInt(at + Out.Attributes.ATIMENSEC, stat.atimeNanos);
    memory.putInt(at + Out.Attributes.MTIMENSEC, stat.mtimeNanos);
    memory.putInt(at + Out.Attributes.CTIMENSEC, stat.ctimeNanos);
    memory.putInt(at + Out.Attributes.MODE, stat.mode);
    memory.putInt(at + Out.Attributes.NLINK, stat.nlink);
    memory.putInt(at + Out.Attributes.UID, stat.uid);
    memory.putInt(at + Out.Attributes.GID, stat.gid);
    // The kernel's new_encode_dev, which for 12 bits of major and 20 of minor is FileMode.device.
    memory.putInt(at + Out.Attributes.RDEV, (int) stat.rdev);
    memory.putInt(at + Out.Attributes.BLKSIZE, stat.blksize);
    memory.putInt(at + Out.Attributes.FLAGS, 0);
  }

  /** Attributes with the birth time. */
  public int statx(Stat stat, boolean lasting) {
    memory.zero(BODY, Out.Statx.SIZE);
    memory.putLong(BODY + Out.Statx.ATTR_VALID, lasting ? FOREVER : 0);
    int at = BODY + Out.Statx.STAT;
    boolean hasBirth = stat.btime != 0 || stat.btimeNanos != 0;
    memory.putInt(at + Out.StatxAttributes.MASK, STATX_BASIC_STATS | (hasBirth ? STATX_BTIME : 0));
    memory.putInt(at + Out.StatxAttributes.BLKSIZE, stat.blksize);
    memory.putInt(at + Out.StatxAttributes.NLINK, stat.nlink);
    memory.putInt(at + Out.StatxAttributes.UID, stat.uid);
    memory.putInt(at + Out.StatxAttributes.GID, stat.gid);
    memory.putShort(at + Out.StatxAttributes.MODE, (short) stat.mode);
    memory.putLong(at + Out.StatxAttributes.INO, stat.ino);
    memory.putLong(at + Out.StatxAttributes.FILE_SIZE, stat.size);
    memory.putLong(at + Out.StatxAttributes.BLOCKS, stat.blocks);
    time(at + Out.StatxAttributes.ATIME, stat.atime, stat.atimeNanos);
    time(at + Out.StatxAttributes.BTIME, stat.btime, stat.btimeNanos);
    time(at + Out.StatxAttributes.CTIME, stat.ctime, stat.ctimeNanos);
    time(at + Out.StatxAttributes.MTIME, stat.mtime, stat.mtimeNanos);
    memory.putInt(at + Out.StatxAttributes.RDEV_MAJOR, FileMode.major(stat.rdev));
    memory.putInt(at + Out.StatxAttributes.RDEV_MINOR, FileMode.minor(stat.rdev));
    return Out.Statx.SIZE;
  }

  /** {@code struct fuse_sx_time}: s64 seconds, u32 nanoseconds. */
  private void time(int at, long seconds, int nanos) {
    memory.putLong(at, seconds);
    memory.putInt(at + 8, nanos);
  }

  /**
   * An open handle.
   *
   * @param flags FOPEN_* of {@link Out.Open}
   * @param backing number of the real file with FOPEN_PASSTHROUGH, else 0
   */
  public int opened(long handle, int flags, int backing) {
    return opened(BODY, handle, flags, backing);
  }

  /** An entry and its open handle, the reply to CREATE. */
  public int created(Entry entry, boolean lasting, long handle, int flags, int backing) {
    int entryLength = entry(entry, lasting);
    return entryLength + opened(BODY + entryLength, handle, flags, backing);
  }

  private int opened(int at, long handle, int flags, int backing) {
    memory.putLong(at + Out.Open.FH, handle);
    memory.putInt(at + Out.Open.OPEN_FLAGS, flags);
    memory.putInt(at + Out.Open.BACKING_ID, backing);
    return Out.Open.SIZE;
  }

  /** Bytes written. */
  public int written(int count) {
    memory.putLong(BODY + Out.Write.COUNT, count);
    return Out.Write.SIZE;
  }

  /** Bytes copied, the reply to COPY_FILE_RANGE_64. */
  public int copied(long count) {
    memory.putLong(BODY + Out.CopyFileRange.BYTES_COPIED, count);
    return Out.CopyFileRange.SIZE;
  }

  /** File offset found, the reply to LSEEK. */
  public int offset(long offset) {
    memory.putLong(BODY + Out.Lseek.OFFSET, offset);
    return Out.Lseek.SIZE;
  }

  /** Where the data of an ioctl's argument is in {@link #memory}. */
  public static final int IOCTL_DATA = BODY + Out.Ioctl.SIZE;

  /** The end of an ioctl whose argument has {@code size} bytes at {@link #IOCTL_DATA}. */
  public int ioctl(int size) {
    memory.zero(BODY, Out.Ioctl.SIZE);
    return Out.Ioctl.SIZE + size;
  }

  /** Size of an xattr value or list, where the size alone was asked. */
  public int xattrSize(int size) {
    memory.putLong(BODY + Out.Getxattr.COUNT, size);
    return Out.Getxattr.SIZE;
  }

  public int statfs(StatFs stat) {
    memory.zero(BODY, Out.Statfs.SIZE);
    memory.putLong(BODY + Out.Statfs.BLOCKS, stat.blocks);
    memory.putLong(BODY + Out.Statfs.BFREE, stat.freeBlocks);
    memory.putLong(BODY + Out.Statfs.BAVAIL, stat.availableBlocks);
    memory.putLong(BODY + Out.Statfs.FILES, stat.files);
    memory.putLong(BODY + Out.Statfs.FFREE, stat.freeFiles);
    memory.putInt(BODY + Out.Statfs.BSIZE, (int) stat.blockSize);
    memory.putInt(BODY + Out.Statfs.NAMELEN, (int) stat.nameLength);
    memory.putInt(BODY + Out.Statfs.FRSIZE, (int) stat.fragmentSize);
    return Out.Statfs.SIZE;
  }

  /**
   * A message that answers no request: attributes and ACLs of {@code node} are no longer what the
   * kernel knows. Data stays cached (a negative offset says so).
   */
  public int invalidateAttributes(long node) {
    memory.putLong(BODY + Out.InvalInode.INO, node);
    memory.putLong(BODY + Out.InvalInode.OFF, -1);
    memory.putLong(BODY + Out.InvalInode.LEN, 0);
    return header(0, Out.InvalInode.FUSE_NOTIFY_INVAL_INODE, Out.InvalInode.SIZE);
  }
}
