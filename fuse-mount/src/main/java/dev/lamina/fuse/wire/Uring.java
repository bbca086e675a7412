package dev.lamina.fuse.wire;

/**
 * Offsets and sizes of FUSE over io_uring, bytes: linux/fuse.h, protocol 7.42. What {@code
 * /dev/fuse} carries in one piece lies here in three: the header, the operation's own struct, and
 * the payload, which is names and data. A reply is a header and a payload.
 */
public final class Uring {
  private Uring() {}

  /** {@code struct fuse_uring_req_header}: the first of the two pieces of memory of an entry. */
  public static final class Header {
    /** A {@link In.Header} on the way in, an {@link Out.Header} on the way out. */
    public static final int IN_OUT = 0;

    public static final int OP_IN = 128;
    public static final int RING_ENT_IN_OUT = 256;
    public static final int SIZE = 288;

    private Header() {}
  }

  /** {@code struct fuse_uring_ent_in_out}: inside {@link Header}. */
  public static final class Entry {
    public static final int COMMIT_ID = 8;
    public static final int PAYLOAD_SZ = 16;
    public static final int SIZE = 32;

    private Entry() {}
  }

  /** {@code struct fuse_uring_cmd_req}: what a command carries. */
  public static final class Command {
    public static final int COMMIT_ID = 8;
    public static final int QID = 16;
    public static final int SIZE = 24;

    /** The first command of an entry: here is memory, put requests there. */
    public static final int REGISTER = 1;

    /** All others: here is the reply, put the next request there. */
    public static final int COMMIT_AND_FETCH = 2;

    private Command() {}
  }
}
