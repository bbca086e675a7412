package dev.lamina.snapshot;

import com.google.common.collect.ImmutableList;
import dev.lamina.snapshot.Filter.Field;
import dev.lamina.snapshot.Filter.Operator;
import dev.lamina.snapshot.Filter.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Reads one filter.
 *
 * <pre>
 * filter    := selector (',' selector)*
 * selector  := field ('.' field)* [('==' | '!=' | '~=') value]
 * field     := quoted | [A-Za-z0-9_-]+
 * value     := quoted | what has neither comma nor blank
 * quoted    := '"' as in Go '"', and after '~=' also with '/' or '|' in its place
 * </pre>
 */
final class FilterParser {
  private static final int END = -1;

  private final String text;
  private int at;

  FilterParser(String text) {
    this.text = text;
  }

  ImmutableList<Selector> parse() throws SnapshotException {
    ImmutableList.Builder<Selector> selectors = ImmutableList.builder();
    selectors.add(selector());
    while (peek() == ',') {
      at++;
      selectors.add(selector());
    }
    if (peek() != END) {
      throw wrong("a comma or the end was expected");
    }
    return selectors.build();
  }

  private Selector selector() throws SnapshotException {
    int start = at;
    List<String> path = new ArrayList<>(List.of(field()));
    while (peek() == '.') {
      at++;
      path.add(field());
    }
    Field field = field(path, start);
    String label = field == Field.LABEL ? String.join(".", path.subList(1, path.size())) : "";
    if (peek() == END || peek() == ',') {
      return new Selector(field, label, Operator.PRESENT, "", null);
    }
    Operator operator = operator();
    String value = value(operator);
    Pattern pattern = operator == Operator.MATCHES ? pattern(value) : null;
    return new Selector(field, label, operator, value, pattern);
  }

  private Field field(List<String> path, int start) throws SnapshotException {
    boolean alone = path.size() == 1;
    Field field =
        switch (path.get(0)) {
          case "name" -> alone ? Field.NAME : null;
          case "parent" -> alone ? Field.PARENT : null;
          case "kind" -> alone ? Field.KIND : null;
          case "labels" -> alone ? null : Field.LABEL;
          default -> null;
        };
    if (field != null) {
      return field;
    }
    at = start;
    throw wrong("fields are name, parent, kind and labels.NAME");
  }

  private String field() throws SnapshotException {
    skipBlanks();
    if (peek() == '"') {
      return quoted();
    }
    int start = at;
    while (isFieldCharacter(peek())) {
      at++;
    }
    if (at == start) {
      throw wrong("a field was expected");
    }
    return text.substring(start, at);
  }

  private static boolean isFieldCharacter(int c) {
    return (c >= 'A' && c <= 'Z')
        || (c >= 'a' && c <= 'z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '-';
  }

  private Operator operator() throws SnapshotException {
    skipBlanks();
    int start = at;
    while (peek() == '=' || peek() == '!' || peek() == '~') {
      at++;
    }
    Operator operator = Operator.of(text.substring(start, at));
    if (operator == null) {
      at = start;
      throw wrong("==, != or ~= was expected");
    }
    return operator;
  }

  private String value(Operator operator) throws SnapshotException {
    skipBlanks();
    int first = peek();
    if (first == '"' || (operator == Operator.MATCHES && (first == '/' || first == '|'))) {
      return quoted();
    }
    int start = at;
    while (peek() != END && peek() != ',' && !Character.isWhitespace(peek())) {
      at++;
    }
    if (at == start) {
      throw wrong("a value was expected");
    }
    return text.substring(start, at);
  }

  private Pattern pattern(String value) throws SnapshotException {
    try {
      return Pattern.compile(value);
    } catch (PatternSyntaxException e) {
      throw wrong("no regular expression: " + e.getDescription());
    }
  }

  private String quoted() throws SnapshotException {
    int quote = peek();
    at++;
    StringBuilder value = new StringBuilder();
    while (peek() != quote) {
      int c = peek();
      if (c == END || c == '\n') {
        throw wrong("a quote is not closed");
      }
      at++;
      if (c == '\\') {
        value.appendCodePoint(escaped(quote));
      } else {
        value.append((char) c);
      }
    }
    at++;
    return value.toString();
  }

  private int escaped(int quote) throws SnapshotException {
    int c = peek();
    at++;
    if (c == quote || c == '\\') {
      return c;
    }
    return switch (c) {
      case 'a' -> 7;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'v' -> 11;
      case 'x' -> number(2, 16, 0x7f);
      case 'u' -> number(4, 16, Character.MAX_CODE_POINT);
      case 'U' -> number(8, 16, Character.MAX_CODE_POINT);
      case '0', '1' -> {
        at--;
        yield number(3, 8, 0x7f);
      }
      default -> throw wrong("no escape sequence");
    };
  }

  private int number(int digits, int radix, int most) throws SnapshotException {
    int end = at + digits;
    long value = 0;
    for (; at < end; at++) {
      int digit = peek() == END ? -1 : Character.digit(peek(), radix);
      if (digit < 0) {
        throw wrong("an escape sequence is too short");
      }
      value = value * radix + digit;
    }
    if (value > most) {
      throw wrong("no character");
    }
    return (int) value;
  }

  private void skipBlanks() {
    while (peek() != END && Character.isWhitespace(peek())) {
      at++;
    }
  }

  private int peek() {
    return at < text.length() ? text.charAt(at) : END;
  }

  private SnapshotException wrong(String why) {
    return SnapshotException.invalid("filter \"" + text + "\", character " + (at + 1) + ": " + why);
  }
}
