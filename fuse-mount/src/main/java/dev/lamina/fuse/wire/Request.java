package dev.lamina.fuse.wire;

import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;

/**
 * One request, read in place. Reusable: a worker keeps one and points it at each request. Valid
 * until the memory gets its next request; not thread-safe.
 *
 * <p>Offsets that methods take are those of {@link In}, from the end of the header.
 */
public final class Request {
  private NativeMemory memory;
  private int length;

  /** Looks at {@code length} bytes from the start of {@code memory}. */
  public Request reset(NativeMemory memory, int length) {
    this.memory = memory;
    this.length = length;
    return this;
  }

  /** Whether the header is there and tells the length that was received. */
  public boolean isWellFormed() {
    return length >= In.Header.SIZE && memory.getInt(In.Header.LEN) == length;
  }

  public int opcode() {
    return memory.getInt(In.Header.OPCODE);
  }

  /** The number that the reply names the request by. */
  public long unique() {
    return memory.getLong(In.Header.UNIQUE);
  }

  public long node() {
    return memory.getLong(In.Header.NODEID);
  }

  /** Filesystem uid of the caller; -1 under ALLOW_IDMAP unless the request creates something. */
  public int uid() {
    return memory.getInt(In.Header.UID);
  }

  /** As {@link #uid}. */
  public int gid() {
    return memory.getInt(In.Header.GID);
  }

  /** The calling thread; 0 where it cannot be seen from here. */
  public int pid() {
    return memory.getInt(In.Header.PID);
  }

  /** Bytes after the header. */
  public int bodyLength() {
    return length - In.Header.SIZE;
  }

  public int getInt(int offset) {
    return memory.getInt(In.Header.SIZE + offset);
  }

  public long getLong(int offset) {
    return memory.getLong(In.Header.SIZE + offset);
  }

  /**
   * Points {@code name} at the NUL-terminated bytes at {@code offset}; nothing is copied.
   *
   * @return offset of what follows the NUL
   * @throws IllegalArgumentException if no NUL ends the name within the request
   */
  public int name(int offset, Name name) {
    int from = In.Header.SIZE + offset;
    int end = from;
    while (end < length && memory.getByte(end) != 0) {
      end++;
    }
    if (end >= length) {
      throw new IllegalArgumentException("request ends within a name");
    }
    name.view(memory, from, end - from);
    return end + 1 - In.Header.SIZE;
  }

  /** The memory that data (of WRITE, of SETXATTR) lies in, at {@link #position}. */
  public NativeMemory memory() {
    return memory;
  }

  /** Where the body's {@code offset} is in {@link #memory}. */
  public int position(int offset) {
    return In.Header.SIZE + offset;
  }
}
