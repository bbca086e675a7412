package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

/**
 * What {@code fstatfs} tells of a filesystem. Offsets are those of {@code struct statfs} on 64-bit
 * Linux (asm-generic/statfs.h): all words are 8 bytes.
 */
public final class StatFs {
  /** Magic numbers of linux/magic.h. */
  public static final long FUSE_SUPER_MAGIC = 0x65735546L;

  public static final long OVERLAYFS_SUPER_MAGIC = 0x794c7630L;
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
    type = m.getLong(0) & 0xffffffffL;
    blockSize = m.getLong(8);
    blocks = m.getLong(16);
    freeBlocks = m.getLong(24);
    availableBlocks = m.getLong(32);
    files = m.getLong(40);
    freeFiles = m.getLong(48);
    fsid0 = m.getInt(56);
    fsid1 = m.getInt(60);
    nameLength = m.getLong(64);
    fragmentSize = m.getLong(72);
    return this;
  }
}
