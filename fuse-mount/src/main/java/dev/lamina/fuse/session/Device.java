package dev.lamina.fuse.session;

import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;

/** The character device of the FUSE driver, and descriptors of it that are tied to a connection. */
public final class Device {
  private static final String PATH = "/dev/fuse";

  /** {@code FUSE_DEV_IOC_CLONE}, {@code _IOR(229, 0, uint32_t)}. */
  private static final long FUSE_DEV_IOC_CLONE = 0x8004e500L;

  private Device() {}

  /** A fresh descriptor that belongs to no connection yet, the caller's to close. */
  public static int open() throws ErrnoException {
    return At.open(At.FDCWD, Name.of(PATH), OpenFlags.O_RDWR, 0);
  }

  /**
   * Another descriptor of the connection of {@code connected}, with a queue of its own for what it
   * has read. Where the device cannot be opened (fusermount3 did that for us), a duplicate, which
   * serves as well but shares the queue.
   */
  static int cloneOf(int connected) throws ErrnoException {
    int fd;
    try {
      fd = open();
    } catch (ErrnoException e) {
      return Fd.duplicate(connected);
    }
    NativeMemory argument = NativeMemory.allocate(4);
    argument.putInt(0, connected);
    try {
      Fd.ioctl(fd, FUSE_DEV_IOC_CLONE, argument);
      return fd;
    } catch (ErrnoException e) {
      Fd.close(fd);
      throw e;
    }
  }
}
