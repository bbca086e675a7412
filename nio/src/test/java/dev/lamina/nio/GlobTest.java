package dev.lamina.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.util.regex.PatternSyntaxException;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Globs: the JDK's matcher is the oracle. */
final class GlobTest {
  private static final FileSystem JDK = FileSystems.getDefault();
  private static FileSystem fileSystem;

  @BeforeContainer
  static void open() throws Exception {
    fileSystem = Unions.empty();
  }

  @AfterContainer
  static void close() throws Exception {
    fileSystem.close();
  }

  @Provide
  Arbitrary<String> globs() {
    return Arbitraries.of(
            "*", "**", "?", "a", "b", "c", ".", "/", "\\*", "\\", "[", "]", "[ab]", "[!a]", "[a-c]",
            "[-a]", "[!-b]", "[^a]", "[a-", "[]", "{", "}", "{a,bc}", ",", "!", "^", "-", "&&", "$",
            "(", "+", "[a&&b]", "[c-a]", "[a-c-b]", "[\\]", "[+-9]", "[!+-9]", "[*?]")
        .list()
        .ofMaxSize(6)
        .map(parts -> String.join("", parts))
        // The JDK does not escape a bracket that ends a range, and refuses its own expression.
        .filter(glob -> !glob.contains("-["));
  }

  @Provide
  Arbitrary<String> paths() {
    return Arbitraries.of(
            "a", "b", "c", "ab", ".", "/", "*", "\\", "-", "^", "!", "&", "$", "(", "{")
        .list()
        .ofMaxSize(5)
        .map(parts -> String.join("", parts));
  }

  private static String verdict(FileSystem of, String glob, String path) {
    try {
      return "" + of.getPathMatcher("glob:" + glob).matches(of.getPath(path));
    } catch (PatternSyntaxException e) {
      return "malformed";
    }
  }

  @Property(tries = 20_000, seed = "2026")
  void globs_matchWhatTheJdkMatches(@ForAll("globs") String glob, @ForAll("paths") String path) {
    assertThat(verdict(fileSystem, glob, path))
        .as("%s against %s", glob, path)
        .isEqualTo(verdict(JDK, glob, path));
  }

  @Example
  void syntaxes() {
    assertThat(fileSystem.getPathMatcher("GLOB:*.java").matches(fileSystem.getPath("x.java")))
        .isTrue();
    assertThat(fileSystem.getPathMatcher("regex:.*\\.java").matches(fileSystem.getPath("x/y.java")))
        .isTrue();
    assertThatThrownBy(() -> fileSystem.getPathMatcher("grep:x"))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> fileSystem.getPathMatcher("*.java"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> fileSystem.getPathMatcher("regex:("))
        .isInstanceOf(PatternSyntaxException.class);
  }
}
