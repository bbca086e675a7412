package dev.lamina.inspect;

import java.util.Arrays;

/** The path where a walk of a tree stands, in one array that the walk reuses. For one thread. */
public final class WalkPath {
  private byte[] bytes = new byte[256];
  private int length;

  /**
   * Moves to {@code name} below the first {@code parentLength} bytes of the path; 0 is the start.
   */
  public void enter(int parentLength, byte[] name) {
    int start = parentLength == 0 ? 0 : parentLength + 1;
    length = start + name.length;
    if (length > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length, bytes.length * 2));
    }
    if (start > 0) {
      bytes[start - 1] = '/';
    }
    System.arraycopy(name, 0, bytes, start, name.length);
  }

  /** Bytes of the path. */
  public int length() {
    return length;
  }

  /** The path, without a slash in front; a fresh array. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }
}
