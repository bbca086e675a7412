package dev.lamina.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * The {@code -o} string of overlay mounts: options separated by commas, where a backslash escapes
 * the next character and double quotes keep commas together ({@code context="a,b"}); in {@code
 * lowerdir} a colon separates layers unless a backslash escapes it.
 */
final class OverlayArguments {
  /**
   * One option.
   *
   * @param name what stands before the first {@code =}
   * @param value what stands after it, escapes kept for {@link #layers}; null without {@code =}
   */
  record Option(String name, String value) {
    /** The value with its escapes resolved; empty without one. */
    String text() {
      return value == null ? "" : unescape(value);
    }
  }

  private OverlayArguments() {}

  /** Splits one {@code -o} string. */
  static List<Option> parse(String options) {
    List<Option> parsed = new ArrayList<>();
    StringBuilder current = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < options.length(); i++) {
      char c = options.charAt(i);
      if (c == '\\' && i + 1 < options.length()) {
        current.append(c).append(options.charAt(++i));
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        add(parsed, current);
      } else {
        current.append(c);
      }
    }
    add(parsed, current);
    return parsed;
  }

  private static void add(List<Option> parsed, StringBuilder current) {
    if (current.length() > 0) {
      int equals = current.indexOf("=");
      parsed.add(
          equals < 0
              ? new Option(current.toString(), null)
              : new Option(current.substring(0, equals), current.substring(equals + 1)));
      current.setLength(0);
    }
  }

  /** The directories of a {@code lowerdir} value, topmost first, escapes resolved. */
  static List<String> layers(String value) {
    List<String> layers = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= value.length(); i++) {
      if (i == value.length() || value.charAt(i) == ':') {
        if (i > start) {
          layers.add(unescape(value.substring(start, i)));
        }
        start = i + 1;
      } else if (value.charAt(i) == '\\') {
        i++;
      }
    }
    return layers;
  }

  private static String unescape(String value) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\' && i + 1 < value.length()) {
        text.append(value.charAt(++i));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }
}
