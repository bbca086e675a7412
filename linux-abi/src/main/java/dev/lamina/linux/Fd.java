package dev.lamina.linux;

import static dev.lamina.linux.Native.C;
import static dev.lamina.linux.Native.check;

import dev.lamina.linux.Structs.Timespec;

/** System calls on an open descriptor. Offsets and sizes are bytes. */
public final class Fd {
  public static final int SEEK_SET = 0;
  public static final int SEEK_CUR = 1;
  public static final int SEEK_END = 2;
  public static final int SEEK_DATA = 3;
  public static final int SEEK_HOLE = 4;
  private static final int LOCK_SH = 1;
  private static final int LOCK_EX = 2;
  private static final int LOCK_NB = 4;
  private static final int LOCK_UN = 8;

  /** {@link #allocate}: the file's size stays. Of linux/falloc.h, as the next two. */
  public static final int FALLOC_FL_KEEP_SIZE = 1;

  public static final int FALLOC_FL_PUNCH_HOLE = 2;
  public static final int FALLOC_FL_ZERO_RANGE = 0x10;

  /** {@code ioctl} FICLONE of linux/fs.h: share all blocks of the argument's file. */
  static final long FICLONE = 0x40049409L;

  /** {@code ioctl} FS_IOC_GETFSUUID of linux/fs.h (Linux 6.9), which fills {@code fsuuid2}. */
  private static final long FS_IOC_GETFSUUID = 0x80111500L;

  /** {@code ioctl} of linux/btrfs.h, which fills {@code btrfs_ioctl_fs_info_args}. */
  private static final long BTRFS_IOC_FS_INFO = 0x8400941fL;

  private static final int BTRFS_FS_INFO_SIZE = 1024;
  private static final int BTRFS_FSID_AT = 16;

  private static final int UUID_SIZE = 16;

  /** An offset that no file has data at. */
  private static final long FARTHEST = Long.MAX_VALUE - 1;

  private Fd() {}

  /** Closes {@code fd}; errors are of no use to anyone, the descriptor is gone in any case. */
  public static void close(int fd) {
    C.close(fd);
  }

  /** A second descriptor of the same open file, close-on-exec. */
  public static int duplicate(int fd) throws ErrnoException {
    return check(C.fcntl(fd, 1030 /* F_DUPFD_CLOEXEC */, 0), "dup");
  }

  /** Makes {@code to} a name for the open file {@code from}, as a shell's redirection does. */
  public static void redirect(int from, int to) throws ErrnoException {
    check(C.dup2(from, to), "dup2");
  }

  /**
   * Opens again what {@code fd} stands for, with other flags: how an {@code O_PATH} descriptor
   * becomes one that reads or writes.
   */
  public static int reopen(int fd, int flags) throws ErrnoException {
    return check(
        C.openat(At.FDCWD, Proc.descriptor(fd).address(), flags | OpenFlags.O_CLOEXEC, 0), "open");
  }

  /** Reads at the descriptor's own offset; 0 at the end. */
  public static int read(int fd, NativeMemory memory, int at, int size) throws ErrnoException {
    return (int) check(C.read(fd, memory.address(at, size), size), "read", memory);
  }

  /** Writes at the descriptor's own offset; may write less than asked. */
  public static int write(int fd, NativeMemory memory, int at, int size) throws ErrnoException {
    return (int) check(C.write(fd, memory.address(at, size), size), "write", memory);
  }

  /** {@code pread(2)} into memory at {@code at}; bytes read, 0 at the end of the file. */
  public static int pread(int fd, NativeMemory memory, int at, int size, long offset)
      throws ErrnoException {
    return (int) check(C.pread(fd, memory.address(at, size), size, offset), "pread", memory);
  }

  /** {@code pwrite(2)} from memory at {@code at}; bytes written. */
  public static int pwrite(int fd, NativeMemory memory, int at, int size, long offset)
      throws ErrnoException {
    return (int) check(C.pwrite(fd, memory.address(at, size), size, offset), "pwrite", memory);
  }

  /** {@code lseek}; SEEK_DATA and SEEK_HOLE give ENXIO past the end. */
  public static long seek(int fd, long offset, int whence) throws ErrnoException {
    return check(C.lseek(fd, offset, whence), "lseek");
  }

  /** {@code ftruncate(2)}. */
  public static void truncate(int fd, long size) throws ErrnoException {
    check(C.ftruncate(fd, size), "ftruncate");
  }

  /** {@code mode}: FALLOC_FL_* of linux/falloc.h, passed on as they are. */
  public static void allocate(int fd, int mode, long offset, long length) throws ErrnoException {
    check(C.fallocate(fd, mode, offset, length), "fallocate");
  }

  /** Data and metadata to stable storage. */
  public static void sync(int fd) throws ErrnoException {
    check(C.fsync(fd), "fsync");
  }

  /** Data, and only the metadata that reading it back needs, to stable storage. */
  public static void syncData(int fd) throws ErrnoException {
    check(C.fdatasync(fd), "fdatasync");
  }

  /**
   * Fails like {@code fsync} if data of this file could not be written back since {@code fd} was
   * opened, but writes nothing: waits for an empty range (sync_file_range(2)).
   */
  public static void checkWrittenBack(int fd) throws ErrnoException {
    check(
        C.sync_file_range(fd, FARTHEST, 1, 1 /* SYNC_FILE_RANGE_WAIT_BEFORE */), "sync_file_range");
  }

  /** Starts to write back what is dirty of the data, and does not wait for it. */
  public static void startWriteBack(int fd) throws ErrnoException {
    check(C.sync_file_range(fd, 0, 0, 2 /* SYNC_FILE_RANGE_WRITE */), "sync_file_range");
  }

  /** The whole filesystem that holds {@code fd} to stable storage. */
  public static void syncFilesystem(int fd) throws ErrnoException {
    check(C.syncfs(fd), "syncfs");
  }

  /**
   * {@code copy_file_range} with explicit offsets; bytes copied, 0 at the end of {@code in}. Both
   * offsets are of the call and no descriptor's own offset moves.
   */
  public static long copyRange(int in, long inOffset, int out, long outOffset, long length)
      throws ErrnoException {
    NativeMemory offsets = Scratch.get().struct;
    offsets.putLong(0, inOffset);
    offsets.putLong(8, outOffset);
    return check(
        C.syscall(
            Arch.current().sysCopyFileRange,
            in,
            offsets.address(0),
            out,
            offsets.address(8),
            length,
            0),
        "copy_file_range");
  }

  /** Shares all blocks of {@code from} with {@code to}; false where the filesystem cannot. */
  public static boolean cloneFrom(int to, int from) {
    return C.ioctl(to, FICLONE, from) == 0;
  }

  /** Any {@code ioctl} whose argument is a struct or a word in memory. */
  public static int ioctl(int fd, long request, NativeMemory argument) throws ErrnoException {
    return check(C.ioctl(fd, request, argument.address()), "ioctl", argument);
  }

  /**
   * The UUID that the kernel itself knows the filesystem of {@code fd} by, 16 bytes. All zero means
   * that it has none; what other tools read from the disk may differ.
   *
   * @param fd no {@code O_PATH} descriptor
   * @return null where the kernel or the filesystem does not tell
   */
  public static byte[] filesystemUuid(int fd) {
    NativeMemory answer = Scratch.get().struct;
    if (C.ioctl(fd, FS_IOC_GETFSUUID, answer.address()) < 0 || answer.getByte(0) != UUID_SIZE) {
      return btrfsUuid(fd);
    }
    return answer.copy(1, UUID_SIZE);
  }

  /** btrfs has an {@code ioctl} of its own, and refuses the other (Linux 6.18). */
  private static byte[] btrfsUuid(int fd) {
    NativeMemory answer = NativeMemory.allocate(BTRFS_FS_INFO_SIZE);
    int result = Native.keep(C.ioctl(fd, BTRFS_IOC_FS_INFO, answer.address()), answer);
    return result < 0 ? null : answer.copy(BTRFS_FSID_AT, UUID_SIZE);
  }

  /** {@code fchown(2)}; -1 leaves a number as it is. */
  public static void chown(int fd, int uid, int gid) throws ErrnoException {
    check(C.fchown(fd, uid, gid), "fchown");
  }

  /** {@code fchmod(2)}. */
  public static void chmod(int fd, int mode) throws ErrnoException {
    check(C.fchmod(fd, mode), "fchmod");
  }

  /** Permission bits of what an {@code O_PATH} descriptor stands for. */
  public static void chmodPath(int fd, int mode) throws ErrnoException {
    check(C.chmod(Proc.descriptor(fd).address(), mode), "chmod");
  }

  /** Numeric owner of what an {@code O_PATH} descriptor stands for; -1 keeps one as it is. */
  public static void chownPath(int fd, int uid, int gid) throws ErrnoException {
    check(C.fchownat(fd, At.EMPTY.address(), uid, gid, At.AT_EMPTY_PATH), "chown");
  }

  /** Times of what an {@code O_PATH} descriptor stands for, see {@link At#utimens}. */
  public static void utimensPath(int fd, long atime, int atimeNanos, long mtime, int mtimeNanos)
      throws ErrnoException {
    NativeMemory times = times(atime, atimeNanos, mtime, mtimeNanos);
    check(C.utimensat(At.FDCWD, Proc.descriptor(fd).address(), times.address(), 0), "utimensat");
  }

  /** Target of the symbolic link that an {@code O_PATH} descriptor stands for; its length. */
  public static int readlinkPath(int fd, NativeMemory buffer, int offset, int size)
      throws ErrnoException {
    return (int)
        check(
            C.readlinkat(fd, At.EMPTY.address(), buffer.address(offset, size), size),
            "readlink",
            buffer);
  }

  /** Times with nanoseconds, see {@link At#utimens}. */
  public static void utimens(int fd, long atime, int atimeNanos, long mtime, int mtimeNanos)
      throws ErrnoException {
    check(C.futimens(fd, times(atime, atimeNanos, mtime, mtimeNanos).address()), "futimens");
  }

  static NativeMemory times(long atime, int atimeNanos, long mtime, int mtimeNanos) {
    NativeMemory times = Scratch.get().struct;
    times.putLong(Timespec.TV_SEC, atime);
    times.putLong(Timespec.TV_NSEC, atimeNanos);
    times.putLong(Timespec.SIZE + Timespec.TV_SEC, mtime);
    times.putLong(Timespec.SIZE + Timespec.TV_NSEC, mtimeNanos);
    return times;
  }

  /**
   * Advisory lock of the whole open file (flock(2)); false when somebody else holds it. It ends
   * with the last descriptor of this open file.
   */
  public static boolean tryLockExclusive(int fd) throws ErrnoException {
    return tryLock(fd, LOCK_EX);
  }

  /** As {@link #tryLockExclusive}, beside others that are shared too. */
  public static boolean tryLockShared(int fd) throws ErrnoException {
    return tryLock(fd, LOCK_SH);
  }

  /** Gives a lock back. */
  public static void unlock(int fd) throws ErrnoException {
    check(C.flock(fd, LOCK_UN), "flock");
  }

  private static boolean tryLock(int fd, int kind) throws ErrnoException {
    if (C.flock(fd, kind | LOCK_NB) == 0) {
      return true;
    }
    int errno = Native.errno();
    if (errno == Errno.EAGAIN) {
      return false;
    }
    throw new ErrnoException(errno, "flock");
  }
}
