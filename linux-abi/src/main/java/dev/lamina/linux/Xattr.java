package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;
import static dev.lamina.linux.Native.keep;

/**
 * Extended attributes of one name below a directory descriptor, or of what a descriptor stands for
 * ({@code O_PATH} included); symbolic links are not followed.
 *
 * <p>Sizes are bytes; size 0 asks how much room is needed, and too little room is ERANGE. Setting
 * on a filesystem without xattrs is EOPNOTSUPP.
 */
public final class Xattr {
  /** Largest value and largest list of names the kernel hands out ({@code limits.h}). */
  public static final int SIZE_MAX = 65536;

  public static final int CREATE = 1;
  public static final int REPLACE = 2;

  private static final XattrCalls AT = XattrCalls.ofThisKernel();
  private static final NativeMemory NO_ROOM = NativeMemory.allocate(1);
  private static final byte[] NONE = new byte[0];

  private Xattr() {}

  /** Value into memory; its size in bytes, or -1 where absent or not supported. */
  public static int get(int dirfd, Name file, Name name, NativeMemory value, int at, int size)
      throws ErrnoException {
    return sizeOrAbsent(AT.get(dirfd, file, name, value, at, size));
  }

  /** As {@link #get(int, Name, Name, NativeMemory, int, int)}, of what {@code fd} stands for. */
  public static int get(int fd, Name name, NativeMemory value, int at, int size)
      throws ErrnoException {
    long result =
        keep(
            C.getxattr(
                Proc.descriptor(fd).address(), name.address(), value.address(at, size), size),
            name,
            value);
    return sizeOrAbsent(result);
  }

  /** The value as a fresh array, or null where absent or not supported; for set-up, not traffic. */
  public static byte[] get(int dirfd, Name file, Name name) throws ErrnoException {
    while (true) {
      int size = get(dirfd, file, name, NO_ROOM, 0, 0);
      if (size <= 0) {
        return size < 0 ? null : NONE;
      }
      try {
        NativeMemory value = NativeMemory.allocate(size);
        int got = get(dirfd, file, name, value, 0, size);
        return got < 0 ? null : value.copy(0, got);
      } catch (ErrnoException e) {
        if (e.errno() != Errno.ERANGE) {
          throw e;
        }
        // It grew since it was asked for its size.
      }
    }
  }

  /**
   * Sets an attribute of {@code file} itself, not of what a symbolic link leads to; {@code flags}
   * are 0, {@link #CREATE} or {@link #REPLACE}.
   */
  public static void set(
      int dirfd, Name file, Name name, NativeMemory value, int at, int size, int flags)
      throws ErrnoException {
    check(AT.set(dirfd, file, name, value, at, size, flags), "setxattr");
  }

  /** As {@link #set(int, Name, Name, NativeMemory, int, int, int)}, of an open file. */
  public static void set(int fd, Name name, NativeMemory value, int at, int size, int flags)
      throws ErrnoException {
    check(
        C.setxattr(
            Proc.descriptor(fd).address(), name.address(), value.address(at, size), size, flags),
        "setxattr",
        name,
        value);
  }

  /** Sets a value kept on the heap. */
  public static void set(int dirfd, Name file, Name name, byte[] value, int flags)
      throws ErrnoException {
    set(dirfd, file, name, offHeap(value), 0, value.length, flags);
  }

  /** Sets a value kept on the heap. */
  public static void set(int fd, Name name, byte[] value, int flags) throws ErrnoException {
    set(fd, name, offHeap(value), 0, value.length, flags);
  }

  /** ENODATA where it is absent. */
  public static void remove(int dirfd, Name file, Name name) throws ErrnoException {
    check(AT.remove(dirfd, file, name), "removexattr");
  }

  /** Removes an attribute of an open file. */
  public static void remove(int fd, Name name) throws ErrnoException {
    check(C.removexattr(Proc.descriptor(fd).address(), name.address()), "removexattr", name);
  }

  /** Names, each ended by a NUL, into memory; bytes written, 0 where xattrs are not supported. */
  public static int list(int dirfd, Name file, NativeMemory list, int at, int size)
      throws ErrnoException {
    return sizeOfList(AT.list(dirfd, file, list, at, size));
  }

  /** Names of the attributes of an open file, each ended by a NUL; how many bytes they take. */
  public static int list(int fd, NativeMemory list, int at, int size) throws ErrnoException {
    long result =
        keep(C.listxattr(Proc.descriptor(fd).address(), list.address(at, size), size), list);
    return sizeOfList(result);
  }

  private static int sizeOrAbsent(long result) throws ErrnoException {
    if (result < 0) {
      int errno = Native.errno();
      if (errno == Errno.ENODATA || errno == Errno.EOPNOTSUPP) {
        return -1;
      }
      throw new ErrnoException(errno, "getxattr");
    }
    return (int) result;
  }

  private static int sizeOfList(long result) throws ErrnoException {
    if (result < 0) {
      int errno = Native.errno();
      if (errno == Errno.EOPNOTSUPP) {
        return 0;
      }
      throw new ErrnoException(errno, "listxattr");
    }
    return (int) result;
  }

  private static NativeMemory offHeap(byte[] value) {
    NativeMemory memory = NativeMemory.allocate(value.length);
    memory.put(0, value, 0, value.length);
    return memory;
  }
}
