package dev.lamina.nio;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * URIs of file systems and paths: {@code lamina://NAME} and {@code lamina://NAME/PATH}. Every byte
 * of a path that is not an unreserved character of RFC 3986 is percent-encoded, so names that are
 * not UTF-8 survive.
 */
final class LaminaUri {
  static final String SCHEME = "lamina";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._~-]+");
  private static final String PLAIN = "-._~/!$&'()*+,=:@";
  private static final String HEX = "0123456789ABCDEF";

  private LaminaUri() {}

  /** Whether a file system may be called that. */
  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  static URI of(String name, byte[] absolutePath) {
    StringBuilder uri = new StringBuilder(SCHEME + "://" + name);
    for (byte b : absolutePath) {
      char c = (char) (b & 0xff);
      if (isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0) {
        uri.append(c);
      } else {
        uri.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
      }
    }
    return URI.create(uri.toString());
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  /** The file system that a URI names, with or without a path. */
  static String name(URI uri) {
    if (!SCHEME.equalsIgnoreCase(uri.getScheme())) {
      throw new IllegalArgumentException(uri + " does not have the scheme lamina");
    }
    String name = uri.getRawAuthority();
    if (name == null || !isName(name)) {
      throw new IllegalArgumentException(uri + " is not of the form lamina://NAME/PATH");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(uri + " has a query or a fragment");
    }
    return name;
  }

  /** The path in a URI, as bytes. */
  static byte[] path(URI uri) {
    String raw = uri.getRawPath();
    if (raw == null || raw.isEmpty()) {
      throw new IllegalArgumentException(uri + " has no path");
    }
    ByteArrayOutputStream path = new ByteArrayOutputStream();
    int at = 0;
    while (at < raw.length()) {
      if (raw.charAt(at) == '%') {
        int value = Integer.parseInt(raw.substring(at + 1, at + 3), 16);
        if (value == 0) {
          throw new IllegalArgumentException(uri + " has a NUL");
        }
        path.write(value);
        at += 3;
      } else {
        int next = raw.indexOf('%', at);
        int end = next < 0 ? raw.length() : next;
        path.writeBytes(raw.substring(at, end).getBytes(StandardCharsets.UTF_8));
        at = end;
      }
    }
    return path.toByteArray();
  }
}
