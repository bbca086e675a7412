package dev.lamina.fuse.wire;

import dev.lamina.linux.FileMode;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import dev.lamina.linux.StatFs;
import dev.lamina.overlay.Entry;

/**
 * One reply, a header and a body, written in place, whichever way it will go. Reusable as {@link
 * Request} is, not thread-safe.
 *
 * <p>The methods that write a body return its length in bytes, for {@link #finish}. Caches last for
 * ever: nobody but the mount changes the tree, and what the server changes it announces.
 */
public final class Reply {
  /**
   * Seconds that mean "for ever": the kernel caps what it adds to its clock at half the range of
   * that (timespec64_to_jiffies).
   */
  static final long FOREVER = Long.MAX_VALUE;

  // What fuse_statx says it has: STATX_BASIC_STATS and STATX_BTIME of linux/stat.h.
  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final int STATX_BTIME = 0x800;

  private NativeMemory header;
  private NativeMemory body;
  private int bodyLength;

  /** Writes to one piece of memory, the body behind the header. */
  public Reply reset(NativeMemory memory) {
    return reset(
        memory.slice(0, Out.Header.SIZE),
        memory.slice(Out.Header.SIZE, memory.size() - Out.Header.SIZE));
  }

  /** Writes to two, each from its start. */
  public Reply reset(NativeMemory header, NativeMemory body) {
    this.header = header;
    this.body = body;
    return this;
  }

  /** The memory that bulk data goes to. */
  public NativeMemory body() {
    return body;
  }

  /** Most bytes that a body may have. */
  public int room() {
    return body.size();
  }

  /** Writes the header of a reply with a body, or with none. */
  public void finish(long unique, int length) {
    header(unique, 0, length);
  }

  /** A reply that is nothing but an error. */
  public void error(long unique, int errno) {
    header(unique, -errno, 0);
  }

  /** Errno of the finished reply; 0 where it is none of an error. */
  public int errno() {
    return -header.getInt(Out.Header.ERROR);
  }

  /** Bytes of the body of the finished reply. */
  public int bodyLength() {
    return bodyLength;
  }

  /** Bytes of the finished reply, the header included. */
  public int length() {
    return Out.Header.SIZE + bodyLength;
  }

  private void header(long unique, int error, int length) {
    header.putInt(Out.Header.LEN, Out.Header.SIZE + length);
    header.putInt(Out.Header.ERROR, error);
    header.putLong(Out.Header.UNIQUE, unique);
    bodyLength = length;
  }

  /**
   * An entry.
   *
   * @param lasting whether its attributes stay as they are until the kernel hears otherwise
   */
  public int entry(Entry entry, boolean lasting) {
    entry(body, 0, entry, lasting);
    return Out.Entry.SIZE;
  }

  /** Says of a name that it does not exist, and that the kernel may remember that. */
  public int negativeEntry() {
    body.zero(0, Out.Entry.SIZE);
    body.putLong(Out.Entry.ENTRY_VALID, FOREVER);
    return Out.Entry.SIZE;
  }

  static void entry(NativeMemory body, int at, Entry entry, boolean lasting) {
    body.putLong(at + Out.Entry.NODEID, entry.node);
    body.putLong(at + Out.Entry.GENERATION, entry.generation);
    body.putLong(at + Out.Entry.ENTRY_VALID, FOREVER);
    body.putLong(at + Out.Entry.ATTR_VALID, lasting ? FOREVER : 0);
    body.putInt(at + Out.Entry.ENTRY_VALID_NSEC, 0);
    body.putInt(at + Out.Entry.ATTR_VALID_NSEC, 0);
    attributes(body, at + Out.Entry.ATTR, entry.stat);
  }

  /** Attributes; {@code lasting} as in {@link #entry(Entry, boolean)}. */
  public int attributes(Stat stat, boolean lasting) {
    body.putLong(Out.Attr.ATTR_VALID, lasting ? FOREVER : 0);
    body.putLong(Out.Attr.ATTR_VALID_NSEC, 0);
    attributes(body, Out.Attr.ATTR, stat);
    return Out.Attr.SIZE;
  }

  private static void attributes(NativeMemory body, int at, Stat stat) {
    body.putLong(at + Out.Attributes.INO, stat.ino);
    body.putLong(at + Out.Attributes.FILE_SIZE, stat.size);
    body.putLong(at + Out.Attributes.BLOCKS, stat.blocks);
    body.putLong(at + Out.Attributes.ATIME, stat.atime);
    body.putLong(at + Out.Attributes.MTIME, stat.mtime);
    body.putLong(at + Out.Attributes.CTIME, stat.ctime);
    body.putInt(at + Out.Attributes.ATIMENSEC, stat.atimeNanos);
    body.putInt(at + Out.Attributes.MTIMENSEC, stat.mtimeNanos);
    body.putInt(at + Out.Attributes.CTIMENSEC, stat.ctimeNanos);
    body.putInt(at + Out.Attributes.MODE, stat.mode);
    body.putInt(at + Out.Attributes.NLINK, stat.nlink);
    body.putInt(at + Out.Attributes.UID, stat.uid);
    body.putInt(at + Out.Attributes.GID, stat.gid);
    // The kernel's new_encode_dev, which for 12 bits of major and 20 of minor is FileMode.device.
    body.putInt(at + Out.Attributes.RDEV, (int) stat.rdev);
    body.putInt(at + Out.Attributes.BLKSIZE, stat.blksize);
    body.putInt(at + Out.Attributes.FLAGS, 0);
  }

  /** Attributes with the birth time. */
  public int statx(Stat stat, boolean lasting) {
    body.zero(0, Out.Statx.SIZE);
    body.putLong(Out.Statx.ATTR_VALID, lasting ? FOREVER : 0);
    int at = Out.Statx.STAT;
    boolean hasBirth = stat.btime != 0 || stat.btimeNanos != 0;
    body.putInt(at + Out.StatxAttributes.MASK, STATX_BASIC_STATS | (hasBirth ? STATX_BTIME : 0));
    body.putInt(at + Out.StatxAttributes.BLKSIZE, stat.blksize);
    body.putInt(at + Out.StatxAttributes.NLINK, stat.nlink);
    body.putInt(at + Out.StatxAttributes.UID, stat.uid);
    body.putInt(at + Out.StatxAttributes.GID, stat.gid);
    body.putShort(at + Out.StatxAttributes.MODE, (short) stat.mode);
    body.putLong(at + Out.StatxAttributes.INO, stat.ino);
    body.putLong(at + Out.StatxAttributes.FILE_SIZE, stat.size);
    body.putLong(at + Out.StatxAttributes.BLOCKS, stat.blocks);
    time(at + Out.StatxAttributes.ATIME, stat.atime, stat.atimeNanos);
    time(at + Out.StatxAttributes.BTIME, stat.btime, stat.btimeNanos);
    time(at + Out.StatxAttributes.CTIME, stat.ctime, stat.ctimeNanos);
    time(at + Out.StatxAttributes.MTIME, stat.mtime, stat.mtimeNanos);
    body.putInt(at + Out.StatxAttributes.RDEV_MAJOR, FileMode.major(stat.rdev));
    body.putInt(at + Out.StatxAttributes.RDEV_MINOR, FileMode.minor(stat.rdev));
    return Out.Statx.SIZE;
  }

  /** {@code struct fuse_sx_time}: s64 seconds, u32 nanoseconds. */
  private void time(int at, long seconds, int nanos) {
    body.putLong(at, seconds);
    body.putInt(at + 8, nanos);
  }

  /**
   * An open handle.
   *
   * @param flags FOPEN_* of {@link Out.Open}
   * @param backing number of the real file with FOPEN_PASSTHROUGH, else 0
   */
  public int opened(long handle, int flags, int backing) {
    return opened(0, handle, flags, backing);
  }

  /** An entry and its open handle, the reply to CREATE. */
  public int created(Entry entry, boolean lasting, long handle, int flags, int backing) {
    int entryLength = entry(entry, lasting);
    return entryLength + opened(entryLength, handle, flags, backing);
  }

  private int opened(int at, long handle, int flags, int backing) {
    body.putLong(at + Out.Open.FH, handle);
    body.putInt(at + Out.Open.OPEN_FLAGS, flags);
    body.putInt(at + Out.Open.BACKING_ID, backing);
    return Out.Open.SIZE;
  }

  /** Bytes written. */
  public int written(int count) {
    body.putLong(Out.Write.COUNT, count);
    return Out.Write.SIZE;
  }

  /** Bytes copied, the reply to COPY_FILE_RANGE_64. */
  public int copied(long count) {
    body.putLong(Out.CopyFileRange.BYTES_COPIED, count);
    return Out.CopyFileRange.SIZE;
  }

  /** File offset found, the reply to LSEEK. */
  public int offset(long offset) {
    body.putLong(Out.Lseek.OFFSET, offset);
    return Out.Lseek.SIZE;
  }

  /** Where the data of an ioctl's argument is in {@link #body}. */
  public static final int IOCTL_DATA = Out.Ioctl.SIZE;

  /** The end of an ioctl whose argument has {@code size} bytes at {@link #IOCTL_DATA}. */
  public int ioctl(int size) {
    body.zero(0, Out.Ioctl.SIZE);
    return Out.Ioctl.SIZE + size;
  }

  /** Size of an xattr value or list, where the size alone was asked. */
  public int xattrSize(int size) {
    body.putLong(Out.Getxattr.COUNT, size);
    return Out.Getxattr.SIZE;
  }

  /** {@code fuse_statfs_out}; length of the body. */
  public int statfs(StatFs stat) {
    body.zero(0, Out.Statfs.SIZE);
    body.putLong(Out.Statfs.BLOCKS, stat.blocks);
    body.putLong(Out.Statfs.BFREE, stat.freeBlocks);
    body.putLong(Out.Statfs.BAVAIL, stat.availableBlocks);
    body.putLong(Out.Statfs.FILES, stat.files);
    body.putLong(Out.Statfs.FFREE, stat.freeFiles);
    body.putInt(Out.Statfs.BSIZE, (int) stat.blockSize);
    body.putInt(Out.Statfs.NAMELEN, (int) stat.nameLength);
    body.putInt(Out.Statfs.FRSIZE, (int) stat.fragmentSize);
    return Out.Statfs.SIZE;
  }

  /** Where the data of {@link #store} starts, in bytes from the start of the body. */
  public static final int STORED_DATA = Out.Store.SIZE;

  /**
   * A message that answers no request: {@code length} bytes, which are at {@link #STORED_DATA} in
   * the body already, are all the data of {@code node}, for the kernel's page cache.
   */
  public void store(long node, int length) {
    body.putLong(Out.Store.NODEID, node);
    body.putLong(Out.Store.OFFSET, 0);
    body.putInt(Out.Store.LENGTH, length);
    body.putInt(Out.Store.PADDING, 0);
    header(0, Out.Store.FUSE_NOTIFY_STORE, Out.Store.SIZE + length);
  }

  /**
   * A message that answers no request: attributes and ACLs of {@code node} are no longer what the
   * kernel knows. Data stays cached (a negative offset says so).
   */
  public void invalidateAttributes(long node) {
    body.putLong(Out.InvalInode.INO, node);
    body.putLong(Out.InvalInode.OFF, -1);
    body.putLong(Out.InvalInode.LEN, 0);
    header(0, Out.InvalInode.FUSE_NOTIFY_INVAL_INODE, Out.InvalInode.SIZE);
  }
}
