package dev.lamina.nio;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Paths as bytes: encoding, and taking apart. */
final class PathBytes {
  static final byte[] NONE = {};
  static final byte[] ROOT = {'/'};
  static final byte[] DOT = {'.'};
  static final byte[] DOT_DOT = {'.', '.'};

  private PathBytes() {}

  /**
   * The bytes of a path in UTF-8.
   *
   * @throws InvalidPathException for half a surrogate pair or a NUL
   */
  static byte[] encode(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new InvalidPathException(text, "Nul character not allowed");
    }
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] encoded = new byte[bytes.remaining()];
      bytes.get(encoded);
      return encoded;
    } catch (CharacterCodingException e) {
      throw new InvalidPathException(
          text, "Malformed input or input contains unmappable characters");
    }
  }

  /** Without double slashes, and without one at the end. */
  static byte[] withoutSpareSlashes(byte[] path) {
    byte[] kept = new byte[path.length];
    int length = 0;
    for (byte b : path) {
      if (b != '/' || length == 0 || kept[length - 1] != '/') {
        kept[length++] = b;
      }
    }
    if (length > 1 && kept[length - 1] == '/') {
      length--;
    }
    return length == path.length ? path : Arrays.copyOf(kept, length);
  }

  /** What is between slashes, empty components left out. */
  static List<byte[]> components(byte[] path) {
    List<byte[]> components = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= path.length; i++) {
      if (i == path.length || path[i] == '/') {
        if (i > start) {
          components.add(Arrays.copyOfRange(path, start, i));
        }
        start = i + 1;
      }
    }
    return components;
  }

  /** Components put together again. */
  static byte[] join(boolean absolute, List<byte[]> components) {
    ByteArrayOutputStream path = new ByteArrayOutputStream();
    if (absolute) {
      path.write('/');
    }
    for (int i = 0; i < components.size(); i++) {
      if (i > 0) {
        path.write('/');
      }
      path.writeBytes(components.get(i));
    }
    return path.toByteArray();
  }

  static boolean isDot(byte[] name) {
    return name.length == 1 && name[0] == '.';
  }

  static boolean isDotDot(byte[] name) {
    return name.length == 2 && name[0] == '.' && name[1] == '.';
  }

  static boolean isAbsolute(byte[] path) {
    return path.length > 0 && path[0] == '/';
  }
}
