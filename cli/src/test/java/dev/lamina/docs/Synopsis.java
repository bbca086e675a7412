package dev.lamina.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How documents write commands: what may be left out in brackets, {@code A|B} for either, {@code
 * ...} for more of it, words in capitals for what the reader puts there.
 */
public final class Synopsis {
  private static final Pattern INNERMOST = Pattern.compile(" ?\\[[^\\[\\]]*\\](\\.\\.\\.)?");

  /** What a shell reads and not the command. */
  private static final Pattern BEHIND = Pattern.compile("\\s(#|[0-9]?>|<|\\||&&|;).*$");

  private static final Pattern COMMAND = Pattern.compile("(\\./)?(fuse-)?lamina");

  private Synopsis() {}

  /**
   * The words of all that {@code text} may stand for: with all that is in brackets, and without.
   */
  public static List<List<String>> commandLines(String text) {
    String with = text.replace(" [OPTIONS]", "").replaceAll("[\\[\\]]", "");
    List<List<String>> lines = new ArrayList<>();
    for (String line : List.of(with, without(text))) {
      addAlternatives(lines, line.replace("...", ""));
    }
    return lines.stream().distinct().toList();
  }

  private static String without(String text) {
    Matcher brackets = INNERMOST.matcher(text);
    return brackets.find() ? without(brackets.replaceAll("")) : text;
  }

  private static void addAlternatives(List<List<String>> lines, String line) {
    List<String> words = List.of(line.strip().split("\\s+", -1));
    int most = words.stream().mapToInt(word -> alternatives(word).length).max().orElse(1);
    for (int i = 0; i < most; i++) {
      List<String> chosen = new ArrayList<>();
      for (String word : words) {
        String[] alternatives = alternatives(word);
        chosen.add(value(alternatives[Math.min(i, alternatives.length - 1)]));
      }
      lines.add(chosen);
    }
  }

  private static String[] alternatives(String word) {
    return word.split("\\|", -1);
  }

  /** Something that may stand for a word in capitals. */
  private static String value(String word) {
    return switch (word) {
      case "N", "SECONDS" -> "1";
      case "COMMAND" -> "ps";
      case "OS/ARCH/VARIANT", "OS/ARCH" -> "linux/arm64";
      default -> word.matches("[^a-z-][^a-z]*") ? word.toLowerCase(Locale.ROOT) : word;
    };
  }

  /** The commands of Lamina in a script, or in one line: each without what a shell does with it. */
  public static Stream<String> commands(String script) {
    return script
        .lines()
        .map(line -> line.startsWith("$ ") ? line.substring(2) : line)
        .flatMap(line -> Stream.of(line.split("&&|;", -1)))
        .map(command -> BEHIND.matcher(command).replaceFirst("").strip())
        .filter(command -> COMMAND.matcher(command.split(" ", 2)[0]).matches());
  }
}
