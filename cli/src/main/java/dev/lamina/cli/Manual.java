package dev.lamina.cli;

import dev.lamina.cli.manual.ManPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;

/**
 * Writes manual pages and shell completion of all commands, for the packages: {@code Manual
 * DIRECTORY MORE DATE VERSION}. MORE is a directory with {@code PAGE.more} of what is to be said
 * beyond the commands' help, in man(7)'s language.
 */
final class Manual {
  private static final int USERS = 1;
  private static final int ADMINISTRATORS = 8;

  /** Pages of others that help. */
  private static final Map<String, List<String>> OTHERS =
      Map.of(
          "fuse-lamina", List.of("mount(8)", "fuse(4)", "fusermount3(1)"),
          "lamina-run", List.of("runc(8)"),
          "lamina-bundle", List.of("runc(8)"));

  private final Path directory;
  private final Path more;
  private final String date;
  private final String version;

  Manual(Path directory, Path more, String date, String version) {
    this.directory = directory;
    this.more = more;
    this.date = date;
    this.version = version;
  }

  /** DATE may have a time. */
  public static void main(String[] args) throws IOException {
    String date = args[2].substring(0, "2000-01-01".length());
    new Manual(Path.of(args[0]), Path.of(args[1]), date, args[3]).write();
  }

  /** Writes {@code manN/PAGE} and {@code completion/lamina}. */
  void write() throws IOException {
    CommandLine lamina = Subcommands.line(new Lamina());
    writeWithSubcommands(lamina);
    page(CommandLines.of(new FuseLamina().spec()), ADMINISTRATORS);
    Path completion = Files.createDirectories(directory.resolve("completion"));
    // Sourced, not run: without the line that names an interpreter.
    String script = AutoComplete.bash("lamina", lamina);
    Files.writeString(completion.resolve("lamina"), script.substring(script.indexOf('\n') + 1));
  }

  private void writeWithSubcommands(CommandLine line) throws IOException {
    page(line, USERS);
    for (CommandLine subcommand : line.getSubcommands().values()) {
      if (!(subcommand.getCommand() instanceof CommandLine.HelpCommand)) {
        writeWithSubcommands(subcommand);
      }
    }
  }

  private void page(CommandLine line, int section) throws IOException {
    ManPage page = new ManPage(line.getCommandSpec(), section, date, version);
    String name = line.getCommandSpec().qualifiedName("-");
    Path added = more.resolve(page.fileName() + ".more");
    String text = Files.exists(added) ? Files.readString(added) : "";
    Path pages = Files.createDirectories(directory.resolve("man" + section));
    Files.writeString(pages.resolve(page.fileName()), page.render(text, related(name)));
  }

  private static List<String> related(String name) {
    List<String> own =
        name.equals("lamina") ? List.of("fuse-lamina(8)", "lamina-mount(1)") : List.of("lamina(1)");
    List<String> related = new ArrayList<>(own);
    related.addAll(OTHERS.getOrDefault(name, List.of()));
    return related;
  }
}
