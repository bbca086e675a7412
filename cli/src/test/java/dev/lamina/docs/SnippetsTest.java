package dev.lamina.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Nothing stands in the documents that nobody runs, but for a reason. */
final class SnippetsTest {
  @Test
  void whateverTheDocumentsShow_isASnippet() {
    List<Document.Piece> pieces = Snippet.all().toList();
    assertThat(pieces).hasSizeGreaterThan(30);
    assertThat(pieces)
        .as("to be run by a test, or to have a reason in Snippet")
        .filteredOn(piece -> Stream.of(Snippet.values()).filter(one -> one.is(piece)).count() != 1)
        .isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void snippet_isInItsDocument_andRunByATest(Snippet snippet) throws IOException {
    assertThat(snippet.found()).isNotEmpty();
    // As a constant, or among the names of an @EnumSource.
    Pattern use = Pattern.compile("\\bSnippet\\.%1$s\\b|\"%1$s\"".formatted(snippet.name()));
    List<Path> users = new ArrayList<>();
    try (Stream<Path> sources = Files.walk(Path.of("src/test/java"))) {
      for (Path source : sources.filter(file -> file.toString().endsWith(".java")).toList()) {
        if (use.matcher(Files.readString(source)).find()) {
          users.add(source);
        }
      }
    }
    if (snippet.whyNotRun().isPresent()) {
      assertThat(users).as("run by these, though it has a reason not to be").isEmpty();
    } else {
      assertThat(users).as("tests that run %s", snippet.found()).isNotEmpty();
    }
  }

  @Test
  void mavenCommands_nameWhatIsThere() throws IOException {
    List<Document.Piece> commands = new ArrayList<>();
    Stream.concat(Document.allBlocks().stream(), Document.allCodes().stream())
        .filter(piece -> piece.text().startsWith("mvn "))
        .forEach(commands::add);
    assertThat(commands).hasSizeGreaterThan(8);
    String poms = Files.readString(Clone.ROOT.resolve("pom.xml"));
    poms += Files.readString(Clone.ROOT.resolve("dist/pom.xml"));
    for (Document.Piece command : commands) {
      for (String profile : words(command, "-P([\\w,]+)")) {
        assertThat(poms).as("%s", command).containsPattern("<id>" + profile + "</id>");
      }
      for (String module : words(command, "-pl ([\\w,-]+)")) {
        assertThat(Clone.ROOT.resolve(module + "/pom.xml")).as("%s", command).exists();
      }
      for (String test : words(command, "-D(?:it\\.)?test=(\\w+)")) {
        if (!test.equals("none")) {
          assertThat(Clone.classes()).as("%s", command).contains(test);
        }
      }
    }
  }

  private static List<String> words(Document.Piece command, String pattern) {
    List<String> words = new ArrayList<>();
    for (Matcher m = Pattern.compile(pattern).matcher(command.text()); m.find(); ) {
      words.addAll(List.of(m.group(1).split(",", -1)));
    }
    return words;
  }

  /** The units of the packages, whose programs are elsewhere and have manual pages. */
  @ParameterizedTest
  @CsvSource({"SNAPSHOTTER_UNIT, lamina-snapshotter", "DAEMON_UNIT, lamina-daemon"})
  void units_areThoseOfThePackages(Snippet unit, String name) throws IOException {
    String packaged =
        Files.readString(Clone.ROOT.resolve("dist/src/systemd/" + name + ".service"))
            .replaceAll("Documentation=.*\n", "")
            .replace("/usr/bin/", "/opt/lamina/");
    assertThat(unit.text()).isEqualTo(packaged.stripTrailing());
  }
}
