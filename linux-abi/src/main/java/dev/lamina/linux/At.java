package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;
import static dev.lamina.linux.Native.keep;

import dev.lamina.linux.Structs.OpenHow;

/**
 * System calls on one name below a directory descriptor. None follows a symbolic link in the last
 * component, and callers pass single components, so nothing here can leave the directory.
 *
 * <p>{@code dirfd} may be an {@code O_PATH} descriptor throughout.
 */
public final class At {
  /** {@code dirfd} for paths from the working directory; only for paths that a user gave. */
  public static final int FDCWD = -100;

  public static final int RENAME_NOREPLACE = 1;
  public static final int RENAME_EXCHANGE = 2;
  public static final int RENAME_WHITEOUT = 4;

  /** {@code openat2}: no symbolic link is followed, not even in the middle. */
  public static final int RESOLVE_NO_SYMLINKS = 0x04;

  /** {@code openat2}: the path stays below {@code dirfd}. */
  public static final int RESOLVE_BENEATH = 0x08;

  /** {@code openat2}: {@code dirfd} is the root that absolute links and {@code ..} end at. */
  public static final int RESOLVE_IN_ROOT = 0x10;

  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_REMOVEDIR = 0x200;
  private static final int AT_SYMLINK_FOLLOW = 0x400;
  static final int AT_EMPTY_PATH = 0x1000;

  static final Name EMPTY = Name.of("");

  /** {@code tv_nsec} values of utimensat(2). */
  public static final int UTIME_NOW = 0x3fffffff;

  public static final int UTIME_OMIT = 0x3ffffffe;

  private At() {}

  /** Opens {@code name} with {@code O_CLOEXEC | O_NOFOLLOW}; the caller owns the descriptor. */
  public static int open(int dirfd, Name name, int flags, int mode) throws ErrnoException {
    return check(
        C.openat(dirfd, name.address(), flags | OpenFlags.O_CLOEXEC | OpenFlags.O_NOFOLLOW, mode),
        "open",
        name);
  }

  /**
   * As {@link #open} of what exists, without moving its access time where this process may ask for
   * that: O_NOATIME is for owners and CAP_FOWNER (open(2)), EPERM for others.
   */
  public static int openQuietly(int dirfd, Name name, int flags) throws ErrnoException {
    try {
      return open(dirfd, name, flags | OpenFlags.O_NOATIME, 0);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EPERM) {
        throw e;
      }
      return open(dirfd, name, flags, 0);
    }
  }

  /** As {@link #open}, but -1 where no such name is. */
  public static int openIfExists(int dirfd, Name name, int flags) throws ErrnoException {
    int fd =
        keep(
            C.openat(dirfd, name.address(), flags | OpenFlags.O_CLOEXEC | OpenFlags.O_NOFOLLOW, 0),
            name);
    if (fd >= 0) {
      return fd;
    }
    return absent(Native.errno(), "open") ? -1 : fd;
  }

  /**
   * Opens a path that a user of this host gave, following links as any program does; never for a
   * name out of a layer. With {@code O_CLOEXEC}.
   */
  public static int openHostPath(Name path, int flags) throws ErrnoException {
    return check(C.openat(FDCWD, path.address(), flags | OpenFlags.O_CLOEXEC, 0), "open", path);
  }

  /** Opens a directory as an {@code O_PATH} descriptor, the handle that the other calls take. */
  public static int openDirectory(int dirfd, Name name) throws ErrnoException {
    return open(dirfd, name, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY, 0);
  }

  /**
   * {@code openat2} (Linux 5.6): opens a path of several components under the rules of {@code
   * resolve}.
   */
  public static int open2(int dirfd, Name path, int flags, int mode, int resolve)
      throws ErrnoException {
    NativeMemory how = Scratch.get().struct;
    how.putLong(OpenHow.FLAGS, Integer.toUnsignedLong(flags | OpenFlags.O_CLOEXEC));
    how.putLong(OpenHow.MODE, mode);
    how.putLong(OpenHow.RESOLVE, resolve);
    return (int)
        check(
            C.syscall(Arch.SYS_OPENAT2, dirfd, path.address(), how.address(), OpenHow.SIZE, 0, 0),
            "openat2",
            path);
  }

  /** Fills {@code stat} for {@code name} itself; false where no such name is (ENOENT, ENOTDIR). */
  public static boolean stat(int dirfd, Name name, Stat stat) throws ErrnoException {
    NativeMemory memory = Scratch.get().struct;
    int result =
        keep(
            C.statx(dirfd, name.address(), AT_SYMLINK_NOFOLLOW, Stat.MASK, memory.address()), name);
    if (result < 0) {
      absent(Native.errno(), "stat");
      return false;
    }
    stat.read(memory);
    return true;
  }

  /** Fills {@code stat} for an open descriptor, {@code O_PATH} included. */
  public static void stat(int fd, Stat stat) throws ErrnoException {
    NativeMemory memory = Scratch.get().struct;
    check(
        C.statx(
            fd, EMPTY.address(), AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, Stat.MASK, memory.address()),
        "stat");
    stat.read(memory);
  }

  /** True when {@code errno} says that the name is not there; throws for any other error. */
  private static boolean absent(int errno, String call) throws ErrnoException {
    if (errno == Errno.ENOENT || errno == Errno.ENOTDIR) {
      return true;
    }
    throw new ErrnoException(errno, call);
  }

  /** {@code mkdirat(2)}; the umask applies. */
  public static void mkdir(int dirfd, Name name, int mode) throws ErrnoException {
    check(C.mkdirat(dirfd, name.address(), mode), "mkdir", name);
  }

  /** Makes a node of any type but a directory or symbolic link; device as in {@link FileMode}. */
  public static void mknod(int dirfd, Name name, int mode, long device) throws ErrnoException {
    check(C.mknodat(dirfd, name.address(), mode, device), "mknod", name);
  }

  /** {@code symlinkat(2)}. */
  public static void symlink(Name target, int dirfd, Name name) throws ErrnoException {
    check(C.symlinkat(target.address(), dirfd, name.address()), "symlink", target, name);
  }

  /** Hard link of {@code from} itself, even where that is a symbolic link. */
  public static void link(int fromDir, Name from, int toDir, Name to) throws ErrnoException {
    check(C.linkat(fromDir, from.address(), toDir, to.address(), 0), "link", from, to);
  }

  /** Gives the file open as {@code fd} (an {@code O_TMPFILE} one, say) a name. */
  public static void linkDescriptor(int fd, int toDir, Name to) throws ErrnoException {
    check(
        C.linkat(FDCWD, Proc.descriptor(fd).address(), toDir, to.address(), AT_SYMLINK_FOLLOW),
        "link",
        to);
  }

  /** Target of a symbolic link into {@code buffer}; its length in bytes, not terminated. */
  public static int readlink(int dirfd, Name name, NativeMemory buffer, int offset, int size)
      throws ErrnoException {
    return (int)
        check(
            C.readlinkat(dirfd, name.address(), buffer.address(offset, size), size),
            "readlink",
            name,
            buffer);
  }

  /** Target of a symbolic link, a fresh array of at most 4095 bytes. */
  public static byte[] readlink(int dirfd, Name name) throws ErrnoException {
    NativeMemory buffer = Scratch.get().linkTarget;
    return buffer.copy(0, readlink(dirfd, name, buffer, 0, Name.PATH_MAX));
  }

  /** {@code renameat2(2)}; {@code flags} are 0 or {@code RENAME_*}. */
  public static void rename(int fromDir, Name from, int toDir, Name to, int flags)
      throws ErrnoException {
    check(C.renameat2(fromDir, from.address(), toDir, to.address(), flags), "rename", from, to);
  }

  /** {@code unlinkat(2)} of what is no directory. */
  public static void unlink(int dirfd, Name name) throws ErrnoException {
    check(C.unlinkat(dirfd, name.address(), 0), "unlink", name);
  }

  /** {@code unlinkat(2)} of an empty directory. */
  public static void rmdir(int dirfd, Name name) throws ErrnoException {
    check(C.unlinkat(dirfd, name.address(), AT_REMOVEDIR), "rmdir", name);
  }

  /** Numeric owner; -1 keeps one as it is. */
  public static void chown(int dirfd, Name name, int uid, int gid) throws ErrnoException {
    check(C.fchownat(dirfd, name.address(), uid, gid, AT_SYMLINK_NOFOLLOW), "chown", name);
  }

  /**
   * Permission bits of {@code name} itself; EOPNOTSUPP for a symbolic link. Uses {@code fchmodat2}
   * (Linux 6.6), before that an {@code O_PATH} descriptor and {@code /proc/self/fd}.
   */
  public static void chmod(int dirfd, Name name, int mode) throws ErrnoException {
    if (NewCalls.fchmodat2()) {
      long result =
          C.syscall(Arch.SYS_FCHMODAT2, dirfd, name.address(), mode, AT_SYMLINK_NOFOLLOW, 0, 0);
      check(result, "chmod", name);
    } else {
      chmodThroughDescriptor(dirfd, name, mode);
    }
  }

  /** {@link #chmod} of kernels before 6.6. */
  static void chmodThroughDescriptor(int dirfd, Name name, int mode) throws ErrnoException {
    int fd = open(dirfd, name, OpenFlags.O_PATH, 0);
    try {
      Stat stat = new Stat();
      stat(fd, stat);
      if (stat.isSymlink()) {
        // Through /proc, some filesystems of those kernels do change a link's mode.
        throw new ErrnoException(Errno.EOPNOTSUPP, "chmod");
      }
      Fd.chmodPath(fd, mode);
    } finally {
      Fd.close(fd);
    }
  }

  /** Times with nanoseconds; {@link #UTIME_NOW} and {@link #UTIME_OMIT} in the nanoseconds. */
  public static void utimens(
      int dirfd, Name name, long atime, int atimeNanos, long mtime, int mtimeNanos)
      throws ErrnoException {
    NativeMemory times = Fd.times(atime, atimeNanos, mtime, mtimeNanos);
    check(
        C.utimensat(dirfd, name.address(), times.address(), AT_SYMLINK_NOFOLLOW),
        "utimensat",
        name);
  }
}
