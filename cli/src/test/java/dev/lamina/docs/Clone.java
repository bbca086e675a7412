package dev.lamina.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The project's own files. */
final class Clone {
  /** Surefire and failsafe run in the module's directory. */
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final String JAVA = ".java";

  private Clone() {}

  static List<String> modules() throws IOException {
    try (Stream<Path> files = Files.list(ROOT)) {
      return files
          .filter(file -> Files.exists(file.resolve("pom.xml")))
          .map(file -> file.getFileName().toString())
          .toList();
    }
  }

  /** The names of all classes, those of tests too. */
  static Set<String> classes() throws IOException {
    Set<String> classes = new TreeSet<>();
    for (String module : modules()) {
      if (Files.exists(ROOT.resolve(module + "/src"))) {
        try (Stream<Path> sources = Files.walk(ROOT.resolve(module + "/src"))) {
          sources
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(JAVA))
              .forEach(name -> classes.add(name.substring(0, name.length() - JAVA.length())));
        }
      }
    }
    return classes;
  }
}
