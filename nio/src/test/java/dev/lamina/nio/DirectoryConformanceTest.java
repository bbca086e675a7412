package dev.lamina.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Directory streams and walks, on Lamina as on the JDK's file system. */
@ParameterizedClass
@EnumSource(Backend.class)
final class DirectoryConformanceTest extends Conformance {
  private static final String[] ALL = {
    ".hidden",
    "a.txt",
    "b.txt",
    "c.txt",
    "dangling",
    "deep",
    "dir",
    "dirlink",
    "empty",
    "exec.sh",
    "link",
    "loop",
    "shadowed"
  };

  private static List<String> names(Path of) throws IOException {
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(of)) {
      return names(stream);
    }
  }

  private static List<String> names(Path of, String glob) throws IOException {
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(of, glob)) {
      return names(stream);
    }
  }

  private static List<String> names(DirectoryStream<Path> stream) {
    List<String> names = new ArrayList<>();
    stream.forEach(entry -> names.add(entry.getFileName().toString()));
    return names;
  }

  @Test
  void streams_haveEveryNameOnce() throws IOException {
    assertThat(names(lab.root())).containsExactlyInAnyOrder(ALL);
    assertThat(names(p("dir"))).containsExactlyInAnyOrder("low", "mid", "up");
    assertThat(names(p("empty"))).isEmpty();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(p("dirlink"))) {
      assertThat(stream).contains(p("dirlink/low"));
    }
  }

  @Test
  void streams_areFiltered() throws IOException {
    assertThat(names(lab.root(), "*.txt")).containsExactlyInAnyOrder("a.txt", "b.txt", "c.txt");
    assertThat(names(lab.root(), "{a,b}.*")).containsExactlyInAnyOrder("a.txt", "b.txt");
    try (DirectoryStream<Path> stream =
        Files.newDirectoryStream(lab.root(), entry -> Files.isDirectory(entry))) {
      assertThat(names(stream)).containsExactlyInAnyOrder("deep", "dir", "dirlink", "empty");
    }
    DirectoryStream.Filter<Path> failing =
        entry -> {
          throw new IOException("no");
        };
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(lab.root(), failing)) {
      assertThatThrownBy(() -> stream.iterator().hasNext())
          .isInstanceOf(DirectoryIteratorException.class)
          .hasCauseInstanceOf(IOException.class);
    }
  }

  @Test
  void streams_ofWhatIsNoDirectory() {
    assertThatThrownBy(() -> Files.newDirectoryStream(p("a.txt")))
        .isInstanceOf(NotDirectoryException.class);
    assertThatThrownBy(() -> Files.newDirectoryStream(p("a.txt/x")))
        .isInstanceOf(NotDirectoryException.class);
    assertThatThrownBy(() -> Files.newDirectoryStream(p("none")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  @SuppressWarnings("try") // Closing is what is tested.
  void iterators_areObtainedOnceAndEndWithTheStream() throws IOException {
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(lab.root())) {
      Iterator<Path> iterator = stream.iterator();
      assertThatThrownBy(stream::iterator).isInstanceOf(IllegalStateException.class);
      while (iterator.hasNext()) {
        iterator.next();
      }
      assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
    }
    try (DirectoryStream<Path> closed = Files.newDirectoryStream(lab.root())) {
      closed.close();
      assertThatThrownBy(closed::iterator).isInstanceOf(IllegalStateException.class);
    }
    try (DirectoryStream<Path> halfWay = Files.newDirectoryStream(lab.root())) {
      Iterator<Path> early = halfWay.iterator();
      early.next();
      halfWay.close();
      assertThat(early.hasNext()).isFalse();
    }
  }

  @Test
  void iterators_doNotRemove() throws IOException {
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(p("dir"))) {
      Iterator<Path> iterator = stream.iterator();
      iterator.next();
      assertThatThrownBy(iterator::remove).isInstanceOf(UnsupportedOperationException.class);
    }
  }

  @Test
  void streams_ofLargeDirectories() throws IOException {
    Files.createDirectory(p("large"));
    for (int i = 0; i < 600; i++) {
      Files.createFile(p("large").resolve("file" + i));
    }
    assertThat(names(p("large"))).hasSize(600).doesNotHaveDuplicates();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(p("large"))) {
      for (Path entry : stream) {
        Files.delete(entry);
      }
    }
    assertThat(p("large")).isEmptyDirectory();
  }

  @Test
  void walk_visitsAll() throws IOException {
    try (Stream<Path> walk = Files.walk(lab.root())) {
      assertThat(walk.map(path -> lab.root().relativize(path).toString()))
          .hasSize(ALL.length + 1 + 3 + 4)
          .contains("", "dir/low", "dir/mid", "dir/up", "deep/x/y/file", "deep/x/up");
    }
    try (Stream<Path> found = Files.find(lab.root(), 9, (path, a) -> a.isSymbolicLink())) {
      assertThat(found).hasSize(5);
    }
    try (Stream<Path> walk = Files.walk(p("dir"), FileVisitOption.FOLLOW_LINKS)) {
      assertThat(walk).hasSize(4);
    }
  }

  @Test
  void walk_thatFollowsLinks_seesLoops() throws IOException {
    List<Path> loops = new ArrayList<>();
    Files.walkFileTree(
        p("deep"),
        java.util.EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        99,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            if (failure instanceof FileSystemLoopException) {
              loops.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    assertThat(loops).contains(p("deep/x/up/deep"));
  }

  @Test
  void walkFileTree_deletesATree() throws IOException {
    Files.walkFileTree(
        p("deep"),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, IOException failure)
              throws IOException {
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
    assertThat(Files.exists(p("deep"))).isFalse();
  }
}
