package dev.lamina.linux;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A file name, path or xattr name: bytes in off-heap memory, followed by a NUL, ready to be handed
 * to the kernel. Linux names are not text; any byte but NUL may occur.
 *
 * <p>Reusable: a worker keeps a few and points them at each request's bytes ({@link #view}), so
 * that no request allocates. Whoever keeps a name beyond the call it was passed to copies it
 * ({@link #toBytes}). Not thread-safe, except that an unchanged one may be read by any thread.
 */
public final class Name {
  /** Longest name of a directory entry on Linux ({@code limits.h}). */
  public static final int NAME_MAX = 255;

  /** Longest path a system call takes, its NUL included ({@code limits.h}). */
  public static final int PATH_MAX = 4096;

  /** What a name holds until it is set: the NUL of the empty name. */
  private static final NativeMemory NUL = NativeMemory.allocate(1);

  private NativeMemory memory = NUL;
  private int offset;
  private int length;
  private NativeMemory own = NUL;

  /** An empty name that grows as needed. */
  public Name() {}

  /** The UTF-8 bytes of {@code text}. */
  public static Name of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A copy of {@code bytes}. */
  public static Name of(byte[] bytes) {
    return new Name().set(bytes);
  }

  /** Copies {@code bytes} into memory of this name. */
  public Name set(byte[] bytes) {
    return set(bytes, 0, bytes.length);
  }

  /** Becomes a copy of {@code count} bytes from {@code from} on. */
  public Name set(byte[] bytes, int from, int count) {
    reserve(count);
    own.put(0, bytes, from, count);
    return finish(count);
  }

  /** Becomes a copy of {@code other}. */
  public Name set(Name other) {
    reserve(other.length);
    own.copyFrom(0, other.memory, other.offset, other.length);
    return finish(other.length);
  }

  /** Sets this to {@code prefix} followed by {@code rest}. */
  public Name set(byte[] prefix, Name rest) {
    reserve(prefix.length + rest.length);
    own.copyFrom(prefix.length, rest.memory, rest.offset, rest.length);
    own.put(0, prefix, 0, prefix.length);
    return finish(prefix.length + rest.length);
  }

  /** Becomes {@code prefix} followed by {@code rest}. */
  public Name set(byte[] prefix, byte[] rest) {
    reserve(prefix.length + rest.length);
    own.put(0, prefix, 0, prefix.length);
    own.put(prefix.length, rest, 0, rest.length);
    return finish(prefix.length + rest.length);
  }

  /** Points this name at bytes of somebody else, which a NUL must follow; nothing is copied. */
  public Name view(NativeMemory bytes, int from, int count) {
    if (bytes.getByte(from + count) != 0) {
      throw new IllegalArgumentException("name is not terminated by a NUL");
    }
    memory = bytes;
    offset = from;
    length = count;
    return this;
  }

  private void reserve(int count) {
    if (own.size() <= count) {
      // Most names are set once; one that grows is used again and again.
      own = NativeMemory.allocate(own == NUL ? count + 1 : Math.max(count + 1, NAME_MAX + 1));
    }
  }

  private Name finish(int count) {
    own.putByte(count, (byte) 0);
    memory = own;
    offset = 0;
    length = count;
    return this;
  }

  /** Address of the NUL-terminated bytes; valid as {@link NativeMemory#address()} says. */
  long address() {
    return memory.address() + offset;
  }

  /** Number of bytes, the NUL not counted. */
  public int length() {
    return length;
  }

  /** The byte at {@code index}, from 0. */
  public byte at(int index) {
    return memory.getByte(offset + index);
  }

  /** A copy of the bytes, without the NUL. */
  public byte[] toBytes() {
    return memory.copy(offset, length);
  }

  /** Whether these are the bytes. */
  public boolean contentEquals(byte[] bytes) {
    if (bytes.length != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (at(i) != bytes[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether the first bytes are these. */
  public boolean startsWith(byte[] prefix) {
    if (prefix.length > length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (at(i) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  /** Same value as {@link #contentHash(byte[])} of the same bytes. */
  public int contentHash() {
    int hash = 1;
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + at(i);
    }
    return hash;
  }

  /** Hash of a name kept on the heap. */
  public static int contentHash(byte[] bytes) {
    return Arrays.hashCode(bytes);
  }

  /** Whether this can name an entry of a directory: not empty, no slash, not a dot name. */
  public boolean isComponent() {
    if (length == 0 || (at(0) == '.' && (length == 1 || (length == 2 && at(1) == '.')))) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (at(i) == '/' || at(i) == 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return Printable.of(toBytes());
  }

  /** The name for messages, see {@link Printable}. */
  public static String printable(byte[] bytes) {
    return Printable.of(bytes);
  }
}
