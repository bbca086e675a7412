package dev.lamina.nio;

import java.nio.file.PathMatcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Globs of {@link java.nio.file.FileSystem#getPathMatcher} as regular expressions. */
final class Glob {
  private static final String SPECIAL = "\\^$.|?*+()[]{}";
  private static final String SPECIAL_IN_CLASS = "\\[]^-&";

  private final String glob;
  private final StringBuilder regex = new StringBuilder();
  private int at;
  private boolean inGroup;

  private Glob(String glob) {
    this.glob = glob;
  }

  /**
   * The matcher of {@code glob:PATTERN} or {@code regex:PATTERN}, which looks at a path as text.
   *
   * @throws UnsupportedOperationException for another syntax
   */
  static PathMatcher matcher(String syntaxAndPattern) {
    int colon = syntaxAndPattern.indexOf(':');
    if (colon <= 0) {
      throw new IllegalArgumentException("no syntax in " + syntaxAndPattern);
    }
    String syntax = syntaxAndPattern.substring(0, colon);
    String input = syntaxAndPattern.substring(colon + 1);
    Pattern pattern;
    if (syntax.equalsIgnoreCase("glob")) {
      pattern = Pattern.compile(toRegex(input));
    } else if (syntax.equalsIgnoreCase("regex")) {
      pattern = Pattern.compile(input);
    } else {
      throw new UnsupportedOperationException("Syntax '" + syntax + "' not recognized");
    }
    return path -> pattern.matcher(path.toString()).matches();
  }

  static String toRegex(String glob) {
    return new Glob(glob).translate();
  }

  private PatternSyntaxException malformed(String what) {
    return new PatternSyntaxException(what, glob, at - 1);
  }

  private boolean nextIs(char c) {
    return at < glob.length() && glob.charAt(at) == c;
  }

  private String translate() {
    while (at < glob.length()) {
      char c = glob.charAt(at++);
      switch (c) {
        case '\\' -> escaped();
        case '*' -> stars();
        case '?' -> regex.append("[^/]");
        case '[' -> bracket();
        case '{' -> beginGroup();
        case '}' -> endGroup();
        case ',' -> regex.append(inGroup ? ")|(?:" : ",");
        default -> literal(c);
      }
    }
    if (inGroup) {
      throw malformed("Missing '}'");
    }
    return regex.toString();
  }

  private void literal(char c) {
    if (SPECIAL.indexOf(c) >= 0) {
      regex.append('\\');
    }
    regex.append(c);
  }

  private void escaped() {
    if (at == glob.length()) {
      throw malformed("No character to escape");
    }
    literal(glob.charAt(at++));
  }

  private void stars() {
    if (nextIs('*')) {
      at++;
      regex.append("(?s:.*)");
    } else {
      regex.append("[^/]*");
    }
  }

  private void beginGroup() {
    if (inGroup) {
      throw malformed("Cannot nest groups");
    }
    inGroup = true;
    regex.append("(?:(?:");
  }

  private void endGroup() {
    if (inGroup) {
      inGroup = false;
      regex.append("))");
    } else {
      literal('}');
    }
  }

  /** What follows an opening bracket, to the closing one; it never matches a slash. */
  private void bracket() {
    regex.append("(?!/)[");
    if (nextIs('!')) {
      at++;
      regex.append('^');
    }
    boolean any = nextIs('-');
    if (any) {
      at++;
      regex.append("\\-");
    }
    boolean startsRange = false;
    while (at < glob.length() && !nextIs(']')) {
      char c = member();
      if (c == '-' && !nextIs(']')) {
        if (!startsRange) {
          throw malformed("Invalid range");
        }
        char first = glob.charAt(at - 2);
        char last = at < glob.length() ? member() : '\0';
        if (last < first) {
          throw malformed("Invalid range");
        }
        regex.append('-');
        inClass(last);
        startsRange = false;
      } else {
        if (c == '-' && !startsRange) {
          throw malformed("Invalid range");
        }
        inClass(c);
        startsRange = true;
      }
      any = true;
    }
    if (at == glob.length() || !any) {
      throw malformed("Missing ']'");
    }
    at++;
    regex.append(']');
  }

  private char member() {
    char c = glob.charAt(at++);
    if (c == '/') {
      throw malformed("Explicit 'name separator' in class");
    }
    return c;
  }

  private void inClass(char c) {
    if (SPECIAL_IN_CLASS.indexOf(c) >= 0) {
      regex.append('\\');
    }
    regex.append(c);
  }
}
