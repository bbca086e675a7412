package dev.lamina.nio;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.lamina.nio.Backend.Lab;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.CopyOption;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;

/** Random operations give the same results and the same trees on Lamina and on the JDK's own. */
final class RandomOperationsTest {
  private static final String[] PATHS = {
    "a.txt",
    "b.txt",
    "c.txt",
    "dir",
    "dir/low",
    "dir/mid",
    "dir/up",
    "dir/new",
    "link",
    "dirlink",
    "dirlink/low",
    "dangling",
    "nowhere",
    "loop",
    "deep",
    "deep/x",
    "deep/x/y/file",
    "empty",
    "empty/new",
    "new",
    "new/inner",
    "shadowed",
    "gone",
    "deep/x/up/a.txt",
    "a.txt/x",
    "loop/x",
    "dir/../b.txt",
    "dir/./low"
  };

  /** One call of {@code Files}, by its number, with what it may need. */
  private record Step(int kind, String path, String other, String text, Set<Object> options) {
    @Override
    public String toString() {
      return NAMES[kind] + "(" + path + ", " + other + ", " + text + ", " + options + ")";
    }
  }

  private interface Call {
    Object run(Path path, Path other, Step step) throws IOException;
  }

  private static final String[] NAMES = {
    "write",
    "append",
    "createFile",
    "createDirectory",
    "createDirectories",
    "delete",
    "deleteIfExists",
    "createSymbolicLink",
    "createLink",
    "copy",
    "move",
    "chmod",
    "read",
    "readSymbolicLink",
    "list",
    "isSameFile",
    "exists",
    "truncate",
    "xattr",
    "touch"
  };

  private static final Call[] CALLS = {
    (p, o, s) -> Files.writeString(p, s.text()).getFileName(),
    (p, o, s) -> Files.writeString(p, s.text(), StandardOpenOption.APPEND).getFileName(),
    (p, o, s) -> Files.createFile(p).getFileName(),
    (p, o, s) -> Files.createDirectory(p).getFileName(),
    (p, o, s) -> Files.createDirectories(p).getFileName(),
    (p, o, s) -> {
      Files.delete(p);
      return null;
    },
    (p, o, s) -> Files.deleteIfExists(p),
    (p, o, s) -> Files.createSymbolicLink(p, p.getFileSystem().getPath(s.other())).getFileName(),
    (p, o, s) -> {
      if (Files.isSymbolicLink(o)) {
        return "whether a link to a link is followed differs between JDKs";
      }
      return Files.createLink(p, o).getFileName();
    },
    (p, o, s) -> Files.copy(p, o, options(s, "REPLACE", "ATTRIBUTES", "NOFOLLOW")).getFileName(),
    (p, o, s) -> Files.move(p, o, options(s, "REPLACE", "ATOMIC")).getFileName(),
    (p, o, s) ->
        Files.setPosixFilePermissions(p, PosixFilePermissions.fromString("rwx--x-w-"))
            .getFileName(),
    (p, o, s) -> Files.readString(p),
    (p, o, s) -> Files.readSymbolicLink(p),
    (p, o, s) -> {
      try (Stream<Path> list = Files.list(p)) {
        return list.map(e -> e.getFileName().toString()).sorted().toList();
      }
    },
    (p, o, s) -> Files.isSameFile(p, o),
    (p, o, s) -> Files.exists(p) + " " + Files.isDirectory(p) + " " + Files.isWritable(p),
    (p, o, s) -> {
      try (FileChannel channel = FileChannel.open(p, StandardOpenOption.WRITE)) {
        channel.truncate(2);
        channel.write(
            ByteBuffer.wrap(s.text().getBytes(java.nio.charset.StandardCharsets.UTF_8)), 4);
        return channel.size();
      }
    },
    (p, o, s) -> {
      Files.setAttribute(p, "user:x", s.text().getBytes(java.nio.charset.StandardCharsets.UTF_8));
      return Files.readAttributes(p, "user:*").keySet().stream().sorted().toList();
    },
    (p, o, s) -> {
      Files.setLastModifiedTime(p, java.nio.file.attribute.FileTime.fromMillis(1_000_000));
      return Files.getLastModifiedTime(p);
    },
  };

  private static CopyOption[] options(Step step, String... allowed) {
    Map<String, CopyOption> known =
        Map.of(
            "REPLACE", StandardCopyOption.REPLACE_EXISTING,
            "ATTRIBUTES", StandardCopyOption.COPY_ATTRIBUTES,
            "ATOMIC", StandardCopyOption.ATOMIC_MOVE,
            "NOFOLLOW", LinkOption.NOFOLLOW_LINKS);
    return Stream.of(allowed)
        .filter(step.options()::contains)
        .map(known::get)
        .toArray(CopyOption[]::new);
  }

  @Provide
  Arbitrary<List<Step>> scripts() {
    Arbitrary<String> path = Arbitraries.of(PATHS);
    Arbitrary<Set<Object>> options =
        Arbitraries.<Object>of("REPLACE", "ATTRIBUTES", "ATOMIC", "NOFOLLOW").set();
    return Combinators.combine(
            Arbitraries.integers().between(0, CALLS.length - 1),
            path,
            path,
            Arbitraries.of("", "x", "longer text"),
            options)
        .as(Step::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(25);
  }

  /** What came of a step: its result, or the kind of failure. */
  private static String outcome(Path root, Step step) {
    try {
      return String.valueOf(
          CALLS[step.kind()].run(root.resolve(step.path()), root.resolve(step.other()), step));
    } catch (NoSuchFileException e) {
      // What is below a file is missing to newer JDKs when it is copied, and to others a failure.
      return isBelowFile(root.resolve(step.path()))
          ? FileSystemException.class.getSimpleName()
          : e.getClass().getSimpleName();
    } catch (FileSystemException e) {
      return e.getClass().getSimpleName();
    } catch (IOException e) {
      // The JDK opens directories and fails when they are read.
      return FileSystemException.class.getSimpleName();
    } catch (UnsupportedOperationException e) {
      return e.getClass().getSimpleName();
    }
  }

  private static boolean isBelowFile(Path path) {
    Path parent = path.getParent();
    return parent != null && Files.exists(parent) && !Files.isDirectory(parent);
  }

  /** Everything below {@code root}, a line each. */
  private static List<String> tree(Path root) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(root)) {
      for (Path path : walk.sorted().toList()) {
        Map<String, Object> a =
            new TreeMap<>(
                Files.readAttributes(path, "unix:mode,uid,gid,size", LinkOption.NOFOLLOW_LINKS));
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
          a.remove("size");
        } else {
          a.put("nlink", Files.getAttribute(path, "unix:nlink", LinkOption.NOFOLLOW_LINKS));
        }
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
          a.put("content", Files.readString(path));
          a.put("xattrs", new TreeMap<>(Files.readAttributes(path, "user:*")).keySet());
        }
        lines.add(root.relativize(path) + " " + a);
      }
    }
    return lines;
  }

  @Property(tries = 150, shrinking = ShrinkingMode.BOUNDED, seed = "2026")
  void scripts_endTheSame(@ForAll("scripts") List<Step> script, @ForAll boolean spread)
      throws IOException {
    compare(script, spread);
  }

  @Tag("long")
  @Property(tries = 3000, shrinking = ShrinkingMode.BOUNDED)
  void manyScripts_endTheSame(@ForAll("scripts") List<Step> script, @ForAll boolean spread)
      throws IOException {
    compare(script, spread);
  }

  private static void compare(List<Step> script, boolean spread) throws IOException {
    Path directory = Files.createTempDirectory("lamina-script");
    try (Lab jdk = Backend.JDK.open(Files.createDirectory(directory.resolve("jdk")));
        Lab union =
            (spread ? Backend.SPREAD : Backend.LOWERS)
                .open(Files.createDirectory(directory.resolve("union")))) {
      assertThat(tree(union.root())).as("at first").isEqualTo(tree(jdk.root()));
      for (Step step : script) {
        assertThat(outcome(union.root(), step)).as("%s", step).isEqualTo(outcome(jdk.root(), step));
      }
      assertThat(tree(union.root())).isEqualTo(tree(jdk.root()));
    } finally {
      MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }
}
