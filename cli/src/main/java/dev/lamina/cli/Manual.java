package dev.lamina.cli;

import dev.lamina.cli.manual.ManPage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
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

  public static void main(String[] args) throws IOException {
    new Manual(Path.of(args[0]), Path.of(args[1]), args[2], args[3]).write();
  }

  /**
   * Writes {@code man/PAGE}, the same as distributions install it in {@code compressed/manN}, and
   * {@code completion/lamina}.
   */
  void write() throws IOException {
    CommandLine lamina = Subcommands.line(new Lamina());
    Path pages = Files.createDirectories(directory.resolve("man"));
    writeWithSubcommands(pages, lamina);
    page(pages, CommandLines.of(new FuseLamina().spec()), ADMINISTRATORS);
    Path completion = Files.createDirectories(directory.resolve("completion"));
    Files.writeString(completion.resolve("lamina"), AutoComplete.bash("lamina", lamina));
  }

  private void writeWithSubcommands(Path pages, CommandLine line) throws IOException {
    page(pages, line, USERS);
    for (CommandLine subcommand : line.getSubcommands().values()) {
      if (!(subcommand.getCommand() instanceof CommandLine.HelpCommand)) {
        writeWithSubcommands(pages, subcommand);
      }
    }
  }

  private void page(Path pages, CommandLine line, int section) throws IOException {
    ManPage page = new ManPage(line.getCommandSpec(), section, date, version);
    String name = line.getCommandSpec().qualifiedName("-");
    Path added = more.resolve(page.fileName() + ".more");
    String text = Files.exists(added) ? Files.readString(added) : "";
    String rendered = page.render(text, related(name));
    Files.writeString(pages.resolve(page.fileName()), rendered);
    Path installed = Files.createDirectories(directory.resolve("compressed/man" + section));
    try (OutputStream out =
        new BestGzip(Files.newOutputStream(installed.resolve(page.fileName() + ".gz")))) {
      out.write(rendered.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** As gzip -9n: the same bytes for the same page. */
  private static final class BestGzip extends GZIPOutputStream {
    BestGzip(OutputStream target) throws IOException {
      super(target);
      def.setLevel(Deflater.BEST_COMPRESSION);
    }
  }

  private static List<String> related(String name) {
    List<String> own =
        name.equals("lamina") ? List.of("fuse-lamina(8)", "lamina-mount(1)") : List.of("lamina(1)");
    List<String> related = new ArrayList<>(own);
    related.addAll(OTHERS.getOrDefault(name, List.of()));
    return related;
  }
}
