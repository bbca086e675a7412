package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.RequiresMan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Manual pages and completion, as the packages have them. */
final class ManualTest {
  private static final Path MORE = Launcher.CLONE.resolve("dist/src/man");

  @TempDir private Path directory;

  @BeforeEach
  void writeManual() throws IOException {
    Manual.main(
        new String[] {directory.toString(), MORE.toString(), "2025-01-01T00:00:00Z", "1.2"});
  }

  private String page(String name) throws IOException {
    return Files.readString(
        directory.resolve("man" + name.charAt(name.length() - 1)).resolve(name));
  }

  private List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.toString().matches(".*\\.[18]")).sorted().toList();
    }
  }

  @Test
  void everyCommandAndOption_hasItsPlace() throws IOException {
    for (var entry : Subcommands.line(new Lamina()).getSubcommands().entrySet()) {
      if (entry.getKey().equals("help")) {
        continue;
      }
      String page = page("lamina-" + entry.getKey() + ".1");
      entry
          .getValue()
          .getCommandSpec()
          .options()
          .forEach(option -> assertThat(page).contains(option.longestName().replace("-", "\\-")));
      assertThat(page("lamina.1")).contains("\n.B " + entry.getKey() + "\n");
    }
    assertThat(page("lamina-system-df.1"))
        .startsWith(".TH \"LAMINA\\-SYSTEM\\-DF\" \"1\" \"2025-01-01\"");
  }

  @Test
  void everyMountOptionOfTheDocumentation_isInFuseLaminasPage() throws IOException {
    String documentation = Files.readString(Launcher.CLONE.resolve("docs/cli.md"));
    int from = documentation.indexOf("Takes `lowerdir`");
    String paragraph = documentation.substring(from, documentation.indexOf("Other options", from));
    TreeSet<String> options = new TreeSet<>();
    for (String word : paragraph.split("`", -1)) {
      if (word.matches("[a-z_]+(=[a-z0-9]+)?")) {
        options.add(word.split("=", 2)[0]);
      }
    }
    options.remove("xino");
    assertThat(options).hasSizeGreaterThan(15).contains("volatile", "io_uring");
    String page = page("fuse-lamina.8");
    assertThat(options).allSatisfy(option -> assertThat(page).contains(option));
  }

  @RequiresMan
  @Test
  void pages_renderWithoutWarnings() throws Exception {
    for (Path page : pages()) {
      CommandResult man =
          Launcher.sh("LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l $1", page).succeeds();
      assertThat(man.err()).as("warnings about %s", page).isEmpty();
      assertThat(man.out()).contains("NAME", "SYNOPSIS", "SEE ALSO");
    }
  }

  @Test
  void completion_knowsCommandsAndOptions() throws Exception {
    String script =
        """
        . "$1"
        COMP_WORDS=(lamina mo) COMP_CWORD=1
        complete_of=$(complete -p lamina | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        $complete_of lamina mo lamina
        echo "${COMPREPLY[@]}"
        COMP_WORDS=(lamina mount --read) COMP_CWORD=2
        $complete_of lamina --read mount
        echo "${COMPREPLY[@]}"
        """;
    CommandResult result =
        Launcher.sh(
                "exec bash -c \"$1\" bash \"$2\"", script, directory.resolve("completion/lamina"))
            .succeeds();
    assertThat(result.out().lines()).anyMatch(line -> line.strip().equals("mount"));
    assertThat(result.out()).contains("--read-only");
  }
}
