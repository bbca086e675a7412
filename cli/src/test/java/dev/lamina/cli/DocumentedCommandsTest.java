package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.docs.Document;
import dev.lamina.docs.Snippet;
import dev.lamina.docs.Synopsis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Every command of Lamina in the documents is one that its command line takes. */
final class DocumentedCommandsTest {
  private static final String REFERENCE = "docs/cli.md";

  /** Options of other programs that stand in the documents by themselves. */
  private static final Set<String> OF_OTHERS =
      Set.of("--map-auto", "--enable-native-access", "--sun-misc-unsafe-memory-access");

  private static final Set<String> COMMANDS =
      Set.copyOf(Subcommands.line(new Lamina()).getSubcommands().keySet());

  private final CommandLine lamina = Subcommands.line(new Lamina());
  private final CommandLine fuseLamina = CommandLines.of(new FuseLamina().spec());

  @Test
  void commands_areTaken() {
    List<String> refused = new ArrayList<>();
    int checked = 0;
    List<Document.Piece> pieces = new ArrayList<>(Document.allBlocks());
    Document.allCodes().forEach(code -> pieces.add(withItsProgram(code)));
    for (Document.Piece piece : pieces) {
      for (String command : Synopsis.commands(piece.text()).toList()) {
        for (List<String> words : Synopsis.commandLines(command)) {
          whyRefused(words).ifPresent(why -> refused.add(piece + ": " + why));
          checked++;
        }
      }
    }
    assertThat(refused).isEmpty();
    assertThat(checked).isGreaterThan(150);
  }

  /** docs/cli.md calls commands by what comes after "lamina", too. */
  private static Document.Piece withItsProgram(Document.Piece code) {
    boolean isShort =
        code.page().equals(REFERENCE)
            && code.text().contains(" ")
            && COMMANDS.contains(code.text().split(" ", 2)[0])
            && !Snippet.isCommandOfAnother(code);
    return isShort
        ? new Document.Piece(code.page(), code.line(), "", "lamina " + code.text())
        : code;
  }

  private Optional<String> whyRefused(List<String> words) {
    CommandLine line = words.get(0).endsWith("fuse-lamina") ? fuseLamina : lamina;
    try {
      return whyRefused(line, words.subList(1, words.size()));
    } catch (ParameterException | CommandFailure e) {
      return Optional.of(e.getMessage());
    }
  }

  private static Optional<String> whyRefused(CommandLine line, List<String> words)
      throws CommandFailure {
    CommandLine named = line;
    int arguments = 0;
    while (arguments < words.size() && named.getSubcommands().containsKey(words.get(arguments))) {
      named = named.getSubcommands().get(words.get(arguments++));
    }
    List<String> rest = words.subList(arguments, words.size());
    if (rest.stream().allMatch(word -> word.startsWith("-"))) {
      // Not a whole command, but what a sentence says of it.
      Set<String> known = named.getCommandSpec().optionsMap().keySet();
      return rest.stream().filter(option -> !known.contains(option.split("=", 2)[0])).findFirst();
    }
    CommandLine.ParseResult parsed = line.parseArgs(words.toArray(String[]::new));
    if (line.getCommandName().equals("fuse-lamina")) {
      List<String> options = parsed.matchedOptionValue("-o", List.of());
      for (String option : options) {
        for (OverlayArguments.Option one : OverlayArguments.parse(option)) {
          if (!new FuseLamina().take(one)) {
            return Optional.of("no option " + one.name());
          }
        }
      }
    }
    return Optional.empty();
  }

  @Test
  void optionsByThemselves_areOfSomeCommand() {
    Set<String> options = new TreeSet<>(OF_OTHERS);
    for (CommandLine command : all(lamina, new ArrayList<>())) {
      options.addAll(command.getCommandSpec().optionsMap().keySet());
    }
    List<Document.Piece> byThemselves =
        Document.allCodes().stream().filter(code -> code.text().startsWith("--")).toList();
    assertThat(byThemselves).hasSizeGreaterThan(50);
    assertThat(byThemselves)
        .filteredOn(code -> !options.contains(code.text().split("[ =\\[]", 2)[0]))
        .isEmpty();
  }

  private static List<CommandLine> all(CommandLine line, List<CommandLine> all) {
    all.add(line);
    line.getSubcommands().values().forEach(command -> all(command, all));
    return all;
  }

  @Test
  void tableOfCommands_hasAllOfThem() {
    Set<String> documented = new LinkedHashSet<>();
    for (Document.Piece code : Document.allCodes()) {
      if (code.page().equals(REFERENCE) && code.text().startsWith("lamina ")) {
        documented.add(code.text().split(" ", -1)[1]);
      }
    }
    Set<String> commands = new LinkedHashSet<>(lamina.getSubcommands().keySet());
    commands.remove("help");
    assertThat(documented).containsExactlyInAnyOrderElementsOf(commands);
  }

  @Test
  void everyCommand_isRunByATest() throws IOException {
    StringBuilder tests = new StringBuilder();
    try (Stream<Path> sources = Files.walk(Path.of("src/test/java"))) {
      for (Path source : sources.filter(file -> file.toString().endsWith("IT.java")).toList()) {
        tests.append(Files.readString(source));
      }
    }
    Snippet.all().forEach(piece -> tests.append(piece.text()));
    for (String name : COMMANDS) {
      boolean isRun =
          Pattern.compile("\"" + name + "\"|lamina " + name + "\\b").matcher(tests).find();
      assertThat(isRun || name.equals("help")).as("lamina %s", name).isTrue();
    }
  }
}
