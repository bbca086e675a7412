package dev.lamina.nio;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Everything that needs no file: the JDK's paths are the oracle. */
final class PathAlgebraTest {
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
  Arbitrary<String> paths() {
    Arbitrary<String> part =
        Arbitraries.of("a", "b", "ab", "a.b", ".", "..", "...", ".a", "\u00fc", "z ", "%41", "//");
    Arbitrary<String> slash = Arbitraries.of("/", "/", "/", "//");
    Arbitrary<String> inside =
        part.flatMap(p -> slash.map(s -> p + s)).list().ofMaxSize(5).map(l -> String.join("", l));
    Arbitrary<String> end = Arbitraries.of("", "", "a", "b", "..", ".", "/");
    Arbitrary<String> start = Arbitraries.of("", "", "/", "//");
    return start.flatMap(s -> inside.flatMap(i -> end.map(e -> s + i + e)));
  }

  private static void same(String text, Function<Path, Object> question) {
    same(text, text, (path, unused) -> question.apply(path));
  }

  private interface Question {
    Object of(Path path, Path other);
  }

  private static void same(String text, String otherText, Question question) {
    Object expected = answer(question, Path.of(text), Path.of(otherText));
    Object actual = answer(question, fileSystem.getPath(text), fileSystem.getPath(otherText));
    assertThat(actual).as("of %s and %s", text, otherText).isEqualTo(expected);
  }

  /** The answer as text, or the kind of failure. */
  private static String answer(Question question, Path path, Path other) {
    try {
      return String.valueOf(question.of(path, other));
    } catch (IllegalArgumentException e) {
      return e.getClass().getSimpleName();
    }
  }

  @Property(tries = 500, seed = "2026")
  void onePath(@ForAll("paths") String text) {
    same(text, Path::toString);
    same(text, Path::isAbsolute);
    same(text, Path::getRoot);
    same(text, Path::getParent);
    same(text, Path::getFileName);
    same(text, Path::getNameCount);
    same(text, Path::normalize);
    same(text, path -> path.iterator().hasNext());
    for (int from = -1; from < 4; from++) {
      int begin = from;
      same(text, path -> path.getName(begin));
      for (int end = from - 1; end < 5; end++) {
        int last = end;
        same(text, path -> path.subpath(begin, last));
      }
    }
  }

  @Property(tries = 2000, seed = "2026")
  void twoPaths(@ForAll("paths") String text, @ForAll("paths") String other) {
    same(text, other, Path::resolve);
    same(text, other, Path::resolveSibling);
    same(text, other, Path::startsWith);
    same(text, other, Path::endsWith);
    same(text, other, Path::equals);
    same(text, other, Path::relativize);
    same(text, other, (a, b) -> Integer.signum(a.compareTo(b)));
    same(text, other, (a, b) -> a.startsWith(b.toString()));
    same(text, other, (a, b) -> a.endsWith(b.toString()));
    same(text, other, (a, b) -> a.resolve(b.toString()));
    same(text, other, (a, b) -> a.getFileSystem().getPath(a.toString(), "", b.toString()));
  }

  @Property(tries = 1000, seed = "2026")
  void equalPaths_haveEqualHashes(@ForAll("paths") String text) {
    Path path = fileSystem.getPath(text);
    assertThat(fileSystem.getPath(path.toString())).isEqualTo(path).hasSameHashCodeAs(path);
  }

  @Property(tries = 1000, seed = "2026")
  void anyBytes_surviveTheWayThroughAUri(@ForAll byte[] bytes) {
    byte[] path = bytes.clone();
    for (int i = 0; i < path.length; i++) {
      path[i] = path[i] == 0 ? (byte) 0xff : path[i];
    }
    Path before = ((LaminaFileSystem) fileSystem).getPath(path).toAbsolutePath();
    assertThat(Path.of(before.toUri())).isEqualTo(before);
    assertThat(before.toUri().toString()).isPrintable();
  }
}
