package dev.lamina.inspect.report;

import dev.lamina.linux.Name;
import java.util.Locale;

/** HTML in the making. Text, wherever it comes from, is escaped; only {@link #raw} is not. */
final class Html {
  private static final int LONGEST_PATH = 600;

  private final StringBuilder out = new StringBuilder();

  /** Markup of our own. */
  Html raw(String markup) {
    out.append(markup);
    return this;
  }

  Html text(String text) {
    shown(text)
        .codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.appendCodePoint(c);
              }
            });
    return this;
  }

  /** Text without what HTML must not hold, or what turns the direction of what follows around. */
  static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints().map(c -> isShown(c) ? c : 0xfffd).forEach(shown::appendCodePoint);
    return shown.toString();
  }

  private static boolean isShown(int c) {
    int type = Character.getType(c);
    boolean control = type == Character.CONTROL && c != '\n' && c != '\t';
    return !control && type != Character.FORMAT && type != Character.SURROGATE;
  }

  /** A cell of a table with text; {@code kind} is its class. */
  Html cell(String kind, String text) {
    return raw("<td class=\"" + kind + "\">").text(text).raw("</td>");
  }

  Html number(long count) {
    return text(String.format(Locale.ROOT, "%,d", count));
  }

  /** A path of any bytes as text; the middle of a very long one is left out. */
  static String path(byte[] path) {
    return shortened(Name.printable(path), LONGEST_PATH);
  }

  /** The start and the end of what is longer than {@code limit} characters. */
  static String shortened(String text, int limit) {
    if (text.length() <= limit) {
      return text;
    }
    int half = limit / 2;
    return text.substring(0, half) + " \u2026 " + text.substring(text.length() - half);
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
