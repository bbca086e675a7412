package dev.lamina.cli;

import java.nio.charset.StandardCharsets;

/**
 * Names for people and their shells, as GNU ls writes them to a terminal: plain where nothing is
 * special, else in single quotes, with {@code $'\ooo'} for what cannot be shown. What a shell makes
 * of the result is the name, byte for byte.
 */
final class Quoting {
  private static final String PLAIN = "%+,-./:=@_^";

  private Quoting() {}

  static String quoted(byte[] name) {
    if (isPlain(name)) {
      return new String(name, StandardCharsets.UTF_8);
    }
    StringBuilder text = new StringBuilder("'");
    boolean escaping = false;
    int at = 0;
    while (at < name.length) {
      int length = shownLength(name, at);
      if ((length == 0) != escaping) {
        escaping = length == 0;
        text.append(escaping ? "'$'" : "''");
      }
      if (length == 0) {
        text.append(escape(name[at++]));
      } else if (name[at] == '\'') {
        text.append("'\\''");
        at++;
      } else {
        text.append(new String(name, at, length, StandardCharsets.UTF_8));
        at += length;
      }
    }
    return text.append('\'').toString();
  }

  private static boolean isPlain(byte[] name) {
    int at = 0;
    while (at < name.length) {
      int length = shownLength(name, at);
      if (length == 0) {
        return false;
      }
      if (length == 1) {
        char c = (char) name[at];
        // A tilde or a hash mean something at the start alone; ls quotes them anywhere.
        if (!Character.isLetterOrDigit(c) && PLAIN.indexOf(c) < 0) {
          return false;
        }
      }
      at += length;
    }
    return name.length > 0;
  }

  /** Bytes of the character at {@code at}; 0 for a control character and what is not UTF-8. */
  private static int shownLength(byte[] name, int at) {
    int first = name[at] & 0xff;
    int length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (length == 0 || at + length > name.length) {
      return 0;
    }
    String character = new String(name, at, length, StandardCharsets.UTF_8);
    int point = character.codePointAt(0);
    boolean whole = character.length() == Character.charCount(point) && point != 0xfffd;
    return whole && isShown(point) ? length : 0;
  }

  /** Nothing that moves the cursor or turns the direction of the line around. */
  private static boolean isShown(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  private static String escape(byte b) {
    return switch (b) {
      case '\n' -> "\\n";
      case '\t' -> "\\t";
      case '\r' -> "\\r";
      default -> String.format("\\%03o", b & 0xff);
    };
  }
}
