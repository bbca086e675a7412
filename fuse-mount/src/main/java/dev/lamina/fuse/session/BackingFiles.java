package dev.lamina.fuse.session;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.NativeMemory;

/**
 * Real files that the kernel was told of, by the number it gave them: {@code linux/fuse.h}, {@code
 * FUSE_DEV_IOC_BACKING_OPEN}. A number costs the kernel an open file; it closes those that are left
 * when the connection ends. Thread-safe.
 */
final class BackingFiles implements IoModes.Backings {
  // _IOW(229, 1, struct fuse_backing_map) and _IOW(229, 2, uint32_t)
  private static final long FUSE_DEV_IOC_BACKING_OPEN = 0x4010e501L;
  private static final long FUSE_DEV_IOC_BACKING_CLOSE = 0x4004e502L;

  // struct fuse_backing_map: an int, flags (none yet), padding
  private static final int MAP_FD = 0;
  private static final int MAP_SIZE = 16;

  private static final ThreadLocal<NativeMemory> ARGUMENT =
      ThreadLocal.withInitial(() -> NativeMemory.allocate(MAP_SIZE));

  private final int device;

  /** For the connection of {@code device}, which outlives this. */
  BackingFiles(int device) {
    this.device = device;
  }

  /**
   * Tells the kernel of a file. The kernel opens it anew for each open in passthrough mode, with
   * the access mode of that, and with the credentials of the calling thread.
   *
   * @param fd of the real file, not {@code O_PATH}; may be closed afterwards
   * @return its number, positive
   * @throws ErrnoException EPERM without CAP_SYS_ADMIN, ELOOP where the file is itself one of a
   *     stacked filesystem, EOPNOTSUPP where its filesystem cannot
   */
  @Override
  public int open(int fd) throws ErrnoException {
    NativeMemory map = ARGUMENT.get();
    map.zero(0, MAP_SIZE);
    map.putInt(MAP_FD, fd);
    return Fd.ioctl(device, FUSE_DEV_IOC_BACKING_OPEN, map);
  }

  /** Takes a number back; opens that are under way keep their file. */
  @Override
  public void close(int number) {
    NativeMemory argument = ARGUMENT.get();
    argument.putInt(0, number);
    try {
      Fd.ioctl(device, FUSE_DEV_IOC_BACKING_CLOSE, argument);
    } catch (ErrnoException e) {
      // The connection is over, and all its numbers with it.
    }
  }
}
