package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

import java.util.Arrays;

/** How a filesystem names an inode for ever, over renames and remounts (name_to_handle_at(2)). */
public final class FileHandle {
  /** MAX_HANDLE_SZ of linux/exportfs.h. */
  public static final int SIZE_MAX = 128;

  private static final int HANDLE_BYTES = 0;
  private static final int HANDLE_TYPE = 4;
  private static final int HANDLE = 8;
  private static final int MOUNT_ID = HANDLE + SIZE_MAX;

  private final int type;
  private final byte[] bytes;

  /** Takes over {@code bytes}, at most {@link #SIZE_MAX}. */
  public FileHandle(int type, byte[] bytes) {
    this.type = type;
    this.bytes = bytes;
  }

  /** Which encoding of its own the filesystem used. */
  public int type() {
    return type;
  }

  /** What only the filesystem understands; not to be changed. */
  public byte[] bytes() {
    return bytes;
  }

  /**
   * The handle of {@code name} itself; {@code .} is the directory.
   *
   * @return null where the filesystem has no handles, or none that can be opened
   */
  public static FileHandle of(int dirfd, Name name) throws ErrnoException {
    return of(dirfd, name, 0);
  }

  /** As {@link #of(int, Name)}, of what {@code fd} itself stands for. */
  public static FileHandle of(int fd) throws ErrnoException {
    return of(fd, At.EMPTY, At.AT_EMPTY_PATH);
  }

  private static FileHandle of(int dirfd, Name name, int flags) throws ErrnoException {
    NativeMemory m = Scratch.get().struct;
    m.putInt(HANDLE_BYTES, SIZE_MAX);
    int result =
        Native.keep(
            C.name_to_handle_at(
                dirfd, name.address(), m.address(), m.address(MOUNT_ID, Integer.BYTES), flags),
            name);
    if (result < 0) {
      int errno = Native.errno();
      if (errno == Errno.EOPNOTSUPP || errno == Errno.EOVERFLOW) {
        return null;
      }
      throw new ErrnoException(errno, "name_to_handle_at");
    }
    return new FileHandle(m.getInt(HANDLE_TYPE), m.copy(HANDLE, m.getInt(HANDLE_BYTES)));
  }

  /**
   * Opens the inode on the filesystem of {@code mountFd}, which is no {@code O_PATH} descriptor.
   * Needs CAP_DAC_READ_SEARCH (EPERM); ESTALE when the inode is gone. The caller owns the result.
   */
  public int open(int mountFd, int flags) throws ErrnoException {
    NativeMemory m = Scratch.get().struct;
    m.putInt(HANDLE_BYTES, bytes.length);
    m.putInt(HANDLE_TYPE, type);
    m.put(HANDLE, bytes, 0, bytes.length);
    return check(
        C.open_by_handle_at(mountFd, m.address(), flags | OpenFlags.O_CLOEXEC),
        "open_by_handle_at");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FileHandle that
        && type == that.type
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return 31 * type + Arrays.hashCode(bytes);
  }
}
