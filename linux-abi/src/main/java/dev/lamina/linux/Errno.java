package dev.lamina.linux;

import java.util.Map;

/**
 * Error numbers, the same on every architecture that Lamina runs on (asm-generic/errno.h of the
 * kernel), and their words.
 */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int ENXIO = 6;
  public static final int E2BIG = 7;
  public static final int EBADF = 9;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EFAULT = 14;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int EXDEV = 18;
  public static final int ENODEV = 19;
  public static final int ENOTDIR = 20;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int ENFILE = 23;
  public static final int EMFILE = 24;
  public static final int ENOTTY = 25;
  public static final int ETXTBSY = 26;
  public static final int EFBIG = 27;
  public static final int ENOSPC = 28;
  public static final int ESPIPE = 29;
  public static final int EROFS = 30;
  public static final int EMLINK = 31;
  public static final int ERANGE = 34;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOSYS = 38;
  public static final int ENOTEMPTY = 39;
  public static final int ELOOP = 40;
  public static final int ENODATA = 61;
  public static final int EPROTO = 71;
  public static final int EOVERFLOW = 75;
  public static final int EOPNOTSUPP = 95;
  public static final int ECONNABORTED = 103;
  public static final int ENOTCONN = 107;
  public static final int ESTALE = 116;
  public static final int EDQUOT = 122;
  public static final int ECANCELED = 125;

  private static final Map<Integer, String> WORDS =
      Map.ofEntries(
          Map.entry(EPERM, "operation not permitted (EPERM)"),
          Map.entry(ENOENT, "no such file or directory (ENOENT)"),
          Map.entry(EINTR, "interrupted system call (EINTR)"),
          Map.entry(EIO, "input/output error (EIO)"),
          Map.entry(ENXIO, "no such device or address (ENXIO)"),
          Map.entry(E2BIG, "argument list too long (E2BIG)"),
          Map.entry(EBADF, "bad file descriptor (EBADF)"),
          Map.entry(EAGAIN, "resource temporarily unavailable (EAGAIN)"),
          Map.entry(ENOMEM, "cannot allocate memory (ENOMEM)"),
          Map.entry(EACCES, "permission denied (EACCES)"),
          Map.entry(EFAULT, "bad address (EFAULT)"),
          Map.entry(EBUSY, "device or resource busy (EBUSY)"),
          Map.entry(EEXIST, "file exists (EEXIST)"),
          Map.entry(EXDEV, "invalid cross-device link (EXDEV)"),
          Map.entry(ENODEV, "no such device (ENODEV)"),
          Map.entry(ENOTDIR, "not a directory (ENOTDIR)"),
          Map.entry(EISDIR, "is a directory (EISDIR)"),
          Map.entry(EINVAL, "invalid argument (EINVAL)"),
          Map.entry(ENFILE, "too many open files in system (ENFILE)"),
          Map.entry(EMFILE, "too many open files (EMFILE)"),
          Map.entry(ENOTTY, "inappropriate ioctl for device (ENOTTY)"),
          Map.entry(ETXTBSY, "text file busy (ETXTBSY)"),
          Map.entry(EFBIG, "file too large (EFBIG)"),
          Map.entry(ENOSPC, "no space left on device (ENOSPC)"),
          Map.entry(ESPIPE, "illegal seek (ESPIPE)"),
          Map.entry(EROFS, "read-only file system (EROFS)"),
          Map.entry(EMLINK, "too many links (EMLINK)"),
          Map.entry(ERANGE, "numerical result out of range (ERANGE)"),
          Map.entry(ENAMETOOLONG, "file name too long (ENAMETOOLONG)"),
          Map.entry(ENOSYS, "function not implemented (ENOSYS)"),
          Map.entry(ENOTEMPTY, "directory not empty (ENOTEMPTY)"),
          Map.entry(ELOOP, "too many levels of symbolic links (ELOOP)"),
          Map.entry(ENODATA, "no data available (ENODATA)"),
          Map.entry(EPROTO, "protocol error (EPROTO)"),
          Map.entry(EOVERFLOW, "value too large for defined data type (EOVERFLOW)"),
          Map.entry(EOPNOTSUPP, "operation not supported (EOPNOTSUPP)"),
          Map.entry(ECONNABORTED, "software caused connection abort (ECONNABORTED)"),
          Map.entry(ENOTCONN, "transport endpoint is not connected (ENOTCONN)"),
          Map.entry(ESTALE, "stale file handle (ESTALE)"),
          Map.entry(EDQUOT, "disk quota exceeded (EDQUOT)"),
          Map.entry(ECANCELED, "operation canceled (ECANCELED)"));

  private Errno() {}

  /** The error in words with its symbol, such as {@code "file exists (EEXIST)"}. */
  public static String describe(int errno) {
    return WORDS.getOrDefault(errno, "error " + errno);
  }

  /** The name alone, such as {@code ENOENT}; {@code errno 200} where there is none. */
  public static String name(int errno) {
    String words = WORDS.get(errno);
    return words == null
        ? "errno " + errno
        : words.substring(words.lastIndexOf('(') + 1, words.length() - 1);
  }

  /**
   * Whether an error says something of the host, its disks or its memory, rather than of what was
   * asked.
   */
  public static boolean isOfHost(int errno) {
    return switch (errno) {
      case EIO, ENOSPC, EDQUOT, ENOMEM, EMFILE, ENFILE -> true;
      default -> false;
    };
  }
}
