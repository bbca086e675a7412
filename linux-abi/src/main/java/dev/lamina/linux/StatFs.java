package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

import dev.lamina.linux.Structs.Statfs;

/** What {@code fstatfs} tells of a filesystem. */
public final class StatFs {
  /** Magic numbers of linux/magic.h. */
  public static final long FUSE_SUPER_MAGIC = 0x65735546L;

  public static final long OVERLAYFS_SUPER_MAGIC = 0x794c7630L;
  public static final long NFS_SUPER_MAGIC = 0x6969L;
  public static final long TMPFS_MAGIC = 0x01021994L;

  public long type;

  /** Bytes per block. */
  public long blockSize;

  public long blocks;
  public long freeBlocks;
  public long availableBlocks;
  public long files;
  public long freeFiles;
  public int fsid0;
  public int fsid1;
  public long nameLength;
  public long fragmentSize;

  /** Fills this for the filesystem of {@code fd}, {@code O_PATH} included. */
  public StatFs read(int fd) throws ErrnoException {
    NativeMemory m = Scratch.get().struct;
    check(C.fstatfs(fd, m.address()), "statfs");
    read(m);
    return this;
  }

  /** From a {@code struct statfs} that the kernel filled. */
  void read(NativeMemory m) {
    type = m.getLong(Statfs.F_TYPE) & 0xffffffffL;
    blockSize = m.getLong(Statfs.F_BSIZE);
    blocks = m.getLong(Statfs.F_BLOCKS);
    freeBlocks = m.getLong(Statfs.F_BFREE);
    availableBlocks = m.getLong(Statfs.F_BAVAIL);
    files = m.getLong(Statfs.F_FILES);
    freeFiles = m.getLong(Statfs.F_FFREE);
    fsid0 = m.getInt(Statfs.F_FSID);
    fsid1 = m.getInt(Statfs.F_FSID + 4);
    nameLength = m.getLong(Statfs.F_NAMELEN);
    fragmentSize = m.getLong(Statfs.F_FRSIZE);
  }
}
