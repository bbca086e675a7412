package dev.lamina.fuse.libfuse;

import com.kenai.jffi.MemoryIO;

/**
 * libfuse's own C structs that callbacks read and fill in place, by address. They are laid out here
 * and not by jnr-fuse, which takes bits for bytes ({@code FuseFileInfo}), or has no class for them.
 */
final class Structs {
  private static final MemoryIO IO = MemoryIO.getInstance();

  // struct fuse_file_info of fuse_common.h: int flags; unsigned long fh_old; int writepage; the
  // bits in one int, the first the lowest (System V ABI); uint64_t fh, lock_owner.
  private static final int FI_BITS = 20;
  private static final int FI_FH = 24;
  private static final int KEEP_CACHE = 1 << 1;

  // struct fuse_conn_info of fuse_common.h: unsigned proto_major, proto_minor, async_read,
  // max_write, max_readahead, capable, want, ...
  private static final int CONN_PROTO_MINOR = 4;
  private static final int CONN_WANT = 24;

  // struct timespec, where a long has 64 bits.
  private static final int TV_NSEC = 8;
  private static final int TIMESPEC_SIZE = 16;

  private Structs() {}

  /** Open flags of a {@code struct fuse_file_info}. */
  static int flags(long file) {
    return IO.getInt(file);
  }

  /** What {@link #setHandle} was given when the file was opened. */
  static long handle(long file) {
    return IO.getLong(file + FI_FH);
  }

  static void setHandle(long file, long handle) {
    IO.putLong(file + FI_FH, handle);
  }

  /** The kernel need not drop what it has cached of the file. */
  static void keepCache(long file) {
    IO.putInt(file + FI_BITS, IO.getInt(file + FI_BITS) | KEEP_CACHE);
  }

  /** The kernel's, of a {@code struct fuse_conn_info}. */
  static int protocolMinor(long connection) {
    return IO.getInt(connection + CONN_PROTO_MINOR);
  }

  /** Asks for more capabilities in a {@code struct fuse_conn_info}. */
  static void want(long connection, int capabilities) {
    IO.putInt(connection + CONN_WANT, IO.getInt(connection + CONN_WANT) | capabilities);
  }

  /** Seconds of the {@code struct timespec} number {@code index} of an array. */
  static long seconds(long times, int index) {
    return IO.getLong(times + (long) index * TIMESPEC_SIZE);
  }

  static int nanos(long times, int index) {
    return (int) IO.getLong(times + (long) index * TIMESPEC_SIZE + TV_NSEC);
  }
}
