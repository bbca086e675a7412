package dev.lamina.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A tree of docs/on-disk.md: a path on each line, below the last one that is indented less. Words
 * in capitals stand for names, {@code *} for the rest of one.
 */
public final class DiskTree {
  private static final Pattern PLACEHOLDER = Pattern.compile("[A-Z][A-Z0-9]+(-[A-Z0-9]+)*|\\*");

  /** Whose own content is not the documents' business. */
  private static final Set<String> OPAQUE = Set.of("diff", "root", "upper", "work", "fs", "tmp");

  private final Map<Pattern, String> documented = new LinkedHashMap<>();

  private DiskTree() {}

  public static DiskTree of(Snippet... snippets) {
    DiskTree tree = new DiskTree();
    for (Snippet snippet : snippets) {
      tree.add(snippet.text());
    }
    return tree;
  }

  private void add(String text) {
    String parent = "";
    for (String line : text.split("\n", -1)) {
      boolean indented = line.startsWith(" ");
      String name = line.strip().split("\\s", 2)[0].replaceFirst("/$", "");
      String path = indented ? parent + "/" + name : name;
      if (!indented) {
        parent = name;
      }
      documented.put(pattern(path), path);
    }
  }

  private static Pattern pattern(String path) {
    String regex = PLACEHOLDER.matcher(path.replace(".", "\\.")).replaceAll("[^/]+");
    return Pattern.compile(regex);
  }

  /** Nothing lies below {@code root} but what is documented, and {@code expected} does. */
  public void assertHolds(Path root, String... expected) throws IOException {
    Set<String> seen = new TreeSet<>();
    for (String path : paths(root)) {
      List<String> names =
          documented.entrySet().stream()
              .filter(entry -> entry.getKey().matcher(path).matches())
              .map(Map.Entry::getValue)
              .toList();
      boolean leadsToOne =
          documented.values().stream()
              .anyMatch(name -> pattern(prefix(name, path)).matcher(path).matches());
      assertThat(!names.isEmpty() || leadsToOne).as("%s is documented", path).isTrue();
      seen.addAll(names);
    }
    assertThat(seen).contains(expected);
  }

  /** As many names of {@code documentedPath} as {@code path} has. */
  private static String prefix(String documentedPath, String path) {
    String[] names = documentedPath.split("/", -1);
    int count = path.split("/", -1).length;
    return count > names.length ? "" : String.join("/", List.of(names).subList(0, count));
  }

  private static List<String> paths(Path root) throws IOException {
    List<String> paths = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            if (!directory.equals(root)) {
              paths.add(root.relativize(directory).toString());
            }
            return OPAQUE.contains(directory.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            paths.add(root.relativize(file).toString());
            return FileVisitResult.CONTINUE;
          }
        });
    return paths;
  }
}
