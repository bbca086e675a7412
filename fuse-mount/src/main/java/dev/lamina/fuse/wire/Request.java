package dev.lamina.fuse.wire;

import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;

/**
 * One request, read in place, whichever way it came. Reusable: a worker keeps one and points it at
 * each request. Valid until the memory gets its next request; not thread-safe.
 *
 * <p>A request is a header, the operation's own struct, and a payload of names and data. Offsets
 * that methods take are those of {@link In}, counted from the end of the header as if the payload
 * followed the struct.
 */
public final class Request {
  private NativeMemory header;
  private NativeMemory payload;

  /** Where the operation's struct is in {@link #header}. */
  private int struct;

  /** What makes an offset a position in {@link #payload}, and where the payload ends there. */
  private int shift;

  private int end;
  private boolean wellFormed;

  /** Looks at {@code length} bytes in one piece, from the start of {@code memory}. */
  public Request reset(NativeMemory memory, int length) {
    header = memory;
    payload = memory;
    struct = In.Header.SIZE;
    shift = In.Header.SIZE;
    end = length;
    wellFormed = length >= In.Header.SIZE && memory.getInt(In.Header.LEN) == length;
    return this;
  }

  /**
   * Looks at the pieces that {@link Uring} describes.
   *
   * @param pieces a {@link Uring.Header}
   * @param payload holds {@code length} bytes of payload from its start
   */
  public Request reset(NativeMemory pieces, NativeMemory payload, int length) {
    header = pieces;
    this.payload = payload;
    struct = Uring.Header.OP_IN;
    // The header counts everything, so the rest is the struct.
    int structLength = pieces.getInt(In.Header.LEN) - In.Header.SIZE - length;
    shift = -structLength;
    end = length;
    wellFormed =
        length >= 0
            && length <= payload.size()
            && structLength >= 0
            && structLength <= Uring.Header.RING_ENT_IN_OUT - Uring.Header.OP_IN;
    return this;
  }

  /** Whether the header is there and tells the length that was received. */
  public boolean isWellFormed() {
    return wellFormed;
  }

  /** The kind of request: one of {@link Opcode}. */
  public int opcode() {
    return header.getInt(In.Header.OPCODE);
  }

  /** The number that the reply names the request by. */
  public long unique() {
    return header.getLong(In.Header.UNIQUE);
  }

  /** Number of the node that it is about; 0 for none. */
  public long node() {
    return header.getLong(In.Header.NODEID);
  }

  /** Filesystem uid of the caller; -1 under ALLOW_IDMAP unless the request creates something. */
  public int uid() {
    return header.getInt(In.Header.UID);
  }

  /** As {@link #uid}. */
  public int gid() {
    return header.getInt(In.Header.GID);
  }

  /** The calling thread; 0 where it cannot be seen from here. */
  public int pid() {
    return header.getInt(In.Header.PID);
  }

  /** Bytes after the header. */
  public int bodyLength() {
    return end - shift;
  }

  /** A field of the operation's struct. */
  public int getInt(int offset) {
    return header.getInt(struct + offset);
  }

  /** A field of the operation's struct. */
  public long getLong(int offset) {
    return header.getLong(struct + offset);
  }

  /**
   * Points {@code name} at the NUL-terminated bytes at {@code offset}; nothing is copied.
   *
   * @return offset of what follows the NUL
   * @throws IllegalArgumentException if no NUL ends the name within the request
   */
  public int name(int offset, Name name) {
    int from = position(offset);
    int at = from;
    while (at < end && payload.getByte(at) != 0) {
      at++;
    }
    if (at >= end) {
      throw new IllegalArgumentException("request ends within a name");
    }
    name.view(payload, from, at - from);
    return at + 1 - shift;
  }

  /** The memory that names and data (of WRITE, of SETXATTR) lie in, at {@link #position}. */
  public NativeMemory payload() {
    return payload;
  }

  /** Where the body's {@code offset}, which is past the struct, is in {@link #payload}. */
  public int position(int offset) {
    return offset + shift;
  }
}
