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
   * @param value what stands after it, escapes kept for {@link #lowers}; null without {@code =}
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

  /**
   * The directories of a {@code lowerdir} value, topmost first, escapes resolved.
   *
   * @param dataOnly those after {@code ::}
   */
  record Lowers(List<String> layers, List<String> dataOnly) {}

  /**
   * Splits a {@code lowerdir} value: {@code A:B::D1::D2}. One colon too many at either end is
   * overlooked.
   *
   * @throws CommandFailure for more than two colons in a row, a layer below a data-only one, and
   *     what names no layer to be above them
   */
  static Lowers lowers(String value) throws CommandFailure {
    Lowers lowers = new Lowers(new ArrayList<>(), new ArrayList<>());
    int colons = 0;
    int start = 0;
    for (int i = 0; i <= value.length(); i++) {
      if (i == value.length() || value.charAt(i) == ':') {
        if (i > start) {
          add(lowers, colons, unescape(value.substring(start, i)));
          colons = 0;
        }
        colons++;
        start = i + 1;
      } else if (value.charAt(i) == '\\') {
        i++;
      }
    }
    if (colons > 2) {
      throw new CommandFailure(ExitStatus.USAGE, "lowerdir= names no data-only layer after ::");
    }
    return lowers;
  }

  private static void add(Lowers lowers, int colons, String layer) throws CommandFailure {
    if (colons > 2) {
      throw new CommandFailure(
          ExitStatus.USAGE, "more than two colons in lowerdir= before " + layer);
    }
    if (colons == 2) {
      if (lowers.layers.isEmpty()) {
        throw new CommandFailure(
            ExitStatus.USAGE, "no layer above the data-only one " + layer + " in lowerdir=");
      }
      lowers.dataOnly.add(layer);
    } else if (lowers.dataOnly.isEmpty()) {
      lowers.layers.add(layer);
    } else {
      throw new CommandFailure(
          ExitStatus.USAGE, "layer " + layer + " follows a data-only one in lowerdir=");
    }
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
