package dev.lamina.linux;

/**
 * The ioctls about a file itself that filesystems share: inode flags ({@code chattr}) and
 * fs-verity. Numbers and layouts are those of linux/fs.h and linux/fsverity.h, alike on all
 * architectures.
 */
public final class InodeIoctl {
  public static final int FS_IOC_GETFLAGS = 0x80086601;
  public static final int FS_IOC_SETFLAGS = 0x40086602;
  public static final int FS_IOC_FSGETXATTR = 0x801c581f;
  public static final int FS_IOC_FSSETXATTR = 0x401c5820;
  public static final int FS_IOC_ENABLE_VERITY = 0x40806685;
  public static final int FS_IOC_MEASURE_VERITY = 0xc0046686;

  /** Bytes of the flags: an int, whatever the "long" in the number says. */
  public static final int FLAGS_SIZE = 4;

  /** Bytes of a {@code struct fsxattr}. */
  public static final int FSXATTR_SIZE = 28;

  // struct fsxattr: u32 fsx_xflags, fsx_extsize, fsx_nextents, fsx_projid ...
  private static final int FSXATTR_PROJID = 12;

  // struct fsverity_digest: u16 digest_algorithm, u16 digest_size, then the digest.
  private static final int DIGEST_HEADER = 4;

  // struct fsverity_enable_arg.
  private static final int ENABLE_SALT_SIZE = 12;
  private static final int ENABLE_SALT_PTR = 16;
  private static final int ENABLE_SIG_SIZE = 24;
  private static final int ENABLE_SIG_PTR = 32;
  private static final int ENABLE_HEADER = 128;

  private InodeIoctl() {}

  /**
   * The quota project that {@code fd}, which is no {@code O_PATH} descriptor, belongs to.
   *
   * @throws ErrnoException ENOTTY where the filesystem has no projects
   */
  public static int projectId(int fd) throws ErrnoException {
    NativeMemory attributes = NativeMemory.allocate(FSXATTR_SIZE);
    run(fd, FS_IOC_FSGETXATTR, attributes, 0, FSXATTR_SIZE);
    return attributes.getInt(FSXATTR_PROJID);
  }

  /** Whether {@code command} is one of these. */
  public static boolean has(int command) {
    return switch (command) {
      case FS_IOC_GETFLAGS,
          FS_IOC_SETFLAGS,
          FS_IOC_FSGETXATTR,
          FS_IOC_FSSETXATTR,
          FS_IOC_ENABLE_VERITY,
          FS_IOC_MEASURE_VERITY ->
          true;
      default -> false;
    };
  }

  /** Whether {@code command}, one of these, changes the file. */
  public static boolean changes(int command) {
    return command == FS_IOC_SETFLAGS
        || command == FS_IOC_FSSETXATTR
        || command == FS_IOC_ENABLE_VERITY;
  }

  /**
   * Makes the call.
   *
   * @param argument the argument's {@code size} bytes at {@code at}, changed in place. What {@code
   *     FS_IOC_ENABLE_VERITY} points to, salt and signature, follows the struct; its pointers are
   *     overwritten
   * @throws ErrnoException EINVAL where the argument is shorter than it has to be
   */
  public static void run(int fd, int command, NativeMemory argument, int at, int size)
      throws ErrnoException {
    require(size, shortest(command, argument, at, size));
    if (command == FS_IOC_ENABLE_VERITY) {
      long data = argument.address(at) + ENABLE_HEADER;
      long salt = unsigned(argument, at + ENABLE_SALT_SIZE);
      argument.putLong(at + ENABLE_SALT_PTR, salt == 0 ? 0 : data);
      boolean signed = argument.getInt(at + ENABLE_SIG_SIZE) != 0;
      argument.putLong(at + ENABLE_SIG_PTR, signed ? data + salt : 0);
    }
    long request = Integer.toUnsignedLong(command);
    Native.check(Native.C.ioctl(fd, request, argument.address(at)), "ioctl", argument);
  }

  private static long shortest(int command, NativeMemory argument, int at, int size)
      throws ErrnoException {
    switch (command) {
      case FS_IOC_GETFLAGS, FS_IOC_SETFLAGS -> {
        return FLAGS_SIZE;
      }
      case FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR -> {
        return FSXATTR_SIZE;
      }
      case FS_IOC_MEASURE_VERITY -> {
        require(size, DIGEST_HEADER);
        return (long) DIGEST_HEADER + (argument.getInt(at) >>> 16);
      }
      case FS_IOC_ENABLE_VERITY -> {
        require(size, ENABLE_HEADER);
        return ENABLE_HEADER
            + unsigned(argument, at + ENABLE_SALT_SIZE)
            + unsigned(argument, at + ENABLE_SIG_SIZE);
      }
      default -> throw new ErrnoException(Errno.ENOTTY, "ioctl");
    }
  }

  private static long unsigned(NativeMemory memory, int at) {
    return Integer.toUnsignedLong(memory.getInt(at));
  }

  private static void require(long size, long needed) throws ErrnoException {
    if (size < needed) {
      throw new ErrnoException(Errno.EINVAL, "ioctl argument of " + size + " bytes");
    }
  }
}
