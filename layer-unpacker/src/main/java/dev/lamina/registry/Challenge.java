package dev.lamina.registry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a server wants to be shown, from {@code WWW-Authenticate} (RFC 9110, 11.6.1).
 *
 * @param scheme in lower case
 * @param parameters by their names in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {
  /** All challenges of all such headers, in order; what cannot be read is left out. */
  static List<Challenge> parse(List<String> headers) {
    List<Challenge> challenges = new ArrayList<>();
    headers.forEach(header -> new Parser(header).parseInto(challenges));
    return challenges;
  }

  Optional<String> parameter(String name) {
    return Optional.ofNullable(parameters.get(name));
  }

  /** One header: {@code scheme name=value, name="value", scheme ...}. */
  private static final class Parser {
    private static final String SEPARATORS = ",= \t\"";
    private final String text;
    private int position;

    Parser(String text) {
      this.text = text;
    }

    void parseInto(List<Challenge> challenges) {
      Challenge current = null;
      while (true) {
        skip(", \t");
        String word = word();
        if (word.isEmpty()) {
          return;
        }
        skip(" \t");
        if (current != null && position < text.length() && text.charAt(position) == '=') {
          position++;
          skip(" \t");
          current.parameters.put(word.toLowerCase(Locale.ROOT), value());
        } else {
          current = new Challenge(word.toLowerCase(Locale.ROOT), new LinkedHashMap<>());
          challenges.add(current);
        }
      }
    }

    private void skip(String characters) {
      while (position < text.length() && characters.indexOf(text.charAt(position)) >= 0) {
        position++;
      }
    }

    private String word() {
      int start = position;
      while (position < text.length() && SEPARATORS.indexOf(text.charAt(position)) < 0) {
        position++;
      }
      return text.substring(start, position);
    }

    private String value() {
      if (position >= text.length() || text.charAt(position) != '"') {
        return word();
      }
      StringBuilder value = new StringBuilder();
      for (position++; position < text.length() && text.charAt(position) != '"'; position++) {
        if (text.charAt(position) == '\\' && position + 1 < text.length()) {
          position++;
        }
        value.append(text.charAt(position));
      }
      // Past the closing quote, if there is one.
      position = Math.min(position + 1, text.length());
      return value.toString();
    }
  }
}
