package dev.lamina.linux;

import java.nio.charset.StandardCharsets;

/** Names for messages: in plain Java, for whoever reads names on any operating system. */
public final class Printable {
  private Printable() {}

  /** UTF-8 where it is, {@code \xNN} for control and stray bytes. */
  public static String of(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') < 0 && text.chars().noneMatch(Character::isISOControl)) {
      return text;
    }
    StringBuilder escaped = new StringBuilder();
    for (byte b : bytes) {
      if (b >= 0x20 && b < 0x7f && b != '\\') {
        escaped.append((char) b);
      } else {
        escaped.append(String.format("\\x%02x", b & 0xff));
      }
    }
    return escaped.toString();
  }
}
