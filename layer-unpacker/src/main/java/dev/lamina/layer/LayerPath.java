package dev.lamina.layer;

import dev.lamina.image.ImageException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Printable;
import java.util.Arrays;

/**
 * The path of an entry below its layer's root, as bytes: components joined by single slashes, none
 * of them empty, {@code .} or {@code ..}. The root is empty.
 */
final class LayerPath {
  static final LayerPath ROOT = new LayerPath(new byte[0]);

  private final byte[] bytes;
  private final int hash;

  private LayerPath(byte[] bytes) {
    this.bytes = bytes;
    this.hash = Arrays.hashCode(bytes);
  }

  /**
   * Reads a path from an archive. Leading slashes and {@code .} mean nothing; {@code ..} is
   * refused, since it has no use in a layer but to leave it.
   */
  static LayerPath parse(byte[] raw) throws ImageException {
    byte[] clean = new byte[raw.length];
    int length = 0;
    int at = 0;
    while (at < raw.length) {
      int end = at;
      while (end < raw.length && raw[end] != '/') {
        end++;
      }
      int size = end - at;
      boolean dot = size == 1 && raw[at] == '.';
      if (size == 2 && raw[at] == '.' && raw[at + 1] == '.') {
        throw new ImageException(ImageException.Kind.REFUSED, "the path holds \"..\"");
      }
      // A whiteout is no file of its own: what it hides may have a name as long as any.
      int mark = startsWithMark(raw, at, end) ? WhiteoutName.PREFIX.length : 0;
      if (size - mark > Name.NAME_MAX) {
        throw new ImageException(
            ImageException.Kind.LIMIT, "a name of " + size + " bytes; Linux allows 255");
      }
      if (size > 0 && !dot) {
        if (length > 0) {
          clean[length++] = '/';
        }
        System.arraycopy(raw, at, clean, length, size);
        length += size;
      }
      at = end + 1;
    }
    if (length >= Name.PATH_MAX) {
      throw new ImageException(
          ImageException.Kind.LIMIT, "a path of " + length + " bytes; Linux allows 4095");
    }
    return length == 0 ? ROOT : new LayerPath(Arrays.copyOf(clean, length));
  }

  private static boolean startsWithMark(byte[] raw, int from, int to) {
    byte[] prefix = WhiteoutName.PREFIX;
    return to - from >= prefix.length
        && Arrays.equals(raw, from, from + prefix.length, prefix, 0, prefix.length);
  }

  byte[] toBytes() {
    return bytes.clone();
  }

  boolean isRoot() {
    return bytes.length == 0;
  }

  /** The directory above; the root is its own parent, as {@code /..} is. */
  LayerPath parent() {
    int slash = lastSlash();
    return slash < 0 ? ROOT : new LayerPath(Arrays.copyOf(bytes, slash));
  }

  /** The last component. */
  byte[] name() {
    return Arrays.copyOfRange(bytes, lastSlash() + 1, bytes.length);
  }

  LayerPath child(byte[] name) {
    if (isRoot()) {
      return new LayerPath(name);
    }
    byte[] whole = Arrays.copyOf(bytes, bytes.length + 1 + name.length);
    whole[bytes.length] = '/';
    System.arraycopy(name, 0, whole, bytes.length + 1, name.length);
    return new LayerPath(whole);
  }

  /** Whether this is {@code other} or below it. */
  boolean isWithin(LayerPath other) {
    int length = other.bytes.length;
    return length == 0
        || (bytes.length >= length
            && Arrays.equals(bytes, 0, length, other.bytes, 0, length)
            && (bytes.length == length || bytes[length] == '/'));
  }

  byte[][] components() {
    if (isRoot()) {
      return new byte[0][];
    }
    int count = 1;
    for (byte b : bytes) {
      count += b == '/' ? 1 : 0;
    }
    byte[][] components = new byte[count][];
    int from = 0;
    for (int i = 0; i < count; i++) {
      int to = from;
      while (to < bytes.length && bytes[to] != '/') {
        to++;
      }
      components[i] = Arrays.copyOfRange(bytes, from, to);
      from = to + 1;
    }
    return components;
  }

  private int lastSlash() {
    for (int i = bytes.length - 1; i >= 0; i--) {
      if (bytes[i] == '/') {
        return i;
      }
    }
    return -1;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LayerPath path && Arrays.equals(bytes, path.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return isRoot() ? "/" : Printable.of(bytes);
  }
}
