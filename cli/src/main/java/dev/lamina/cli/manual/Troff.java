package dev.lamina.cli.manual;

import java.util.Locale;
import java.util.regex.Pattern;

/** The little of man(7) that pages are made of. Not thread-safe. */
final class Troff {
  private static final Pattern WHITE = Pattern.compile("\\s+");

  private final StringBuilder text = new StringBuilder();

  Troff title(String name, int section, String date, String source) {
    line(
        ".TH \"%s\" \"%d\" \"%s\" \"%s\" \"Lamina\""
            .formatted(escape(name).toUpperCase(Locale.ROOT), section, date, source));
    // Neither hyphens in the middle of names nor gaps between them.
    return line(".nh").line(".ad l");
  }

  Troff section(String title) {
    return line(".SH " + title);
  }

  Troff paragraph(String words) {
    return line(".PP").words(words);
  }

  /** A term, and what it means. */
  Troff item(String term, String meaning) {
    return line(".TP").line(".B " + escape(term)).words(meaning.isEmpty() ? "\u00a0" : meaning);
  }

  /** As it stands. */
  Troff raw(String lines) {
    text.append(lines);
    return this;
  }

  /** Words of a paragraph that is begun. */
  Troff words(String words) {
    return line(escape(WHITE.matcher(words.strip()).replaceAll(" ")));
  }

  private Troff line(String line) {
    text.append(line).append('\n');
    return this;
  }

  /** Backslashes and hyphens as such, and no request where none is meant. */
  static String escape(String words) {
    StringBuilder out = new StringBuilder();
    if (words.startsWith(".") || words.startsWith("'")) {
      out.append("\\&");
    }
    for (int i = 0; i < words.length(); i++) {
      char c = words.charAt(i);
      switch (c) {
        case '\\' -> out.append("\\e");
        case '-' -> out.append("\\-");
        case '~' -> out.append("\\(ti");
        case '^' -> out.append("\\(ha");
        case '"' -> out.append("\\(dq");
        case '\u00a0' -> out.append("\\ ");
        default -> out.append(c);
      }
    }
    return out.toString();
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
