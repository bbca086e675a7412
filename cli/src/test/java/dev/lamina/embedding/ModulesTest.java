package dev.lamina.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What whoever puts the jars on a module path relies on. */
final class ModulesTest {
  private static final Path CLONE = Path.of("..");
  private static final Pattern MODULE = Pattern.compile("<module>(.*?)</module>");
  private static final Pattern NAME = Pattern.compile("<module.name>(.*?)</module.name>");

  /** Those that become jars. */
  private static List<String> modules() throws IOException {
    return MODULE
        .matcher(Files.readString(CLONE.resolve("pom.xml")))
        .results()
        .map(match -> match.group(1))
        .filter(module -> Files.isDirectory(CLONE.resolve(module).resolve("src/main/java")))
        .toList();
  }

  @Test
  void everyModule_hasANameThatStays_ofAPackageOfItsOwn() throws IOException {
    assertThat(Files.readString(CLONE.resolve("pom.xml")))
        .contains("<Automatic-Module-Name>${module.name}</Automatic-Module-Name>");
    Map<String, String> names = new HashMap<>();
    for (String module : modules()) {
      String pom = Files.readString(CLONE.resolve(module).resolve("pom.xml"));
      List<String> found =
          NAME.matcher(pom).results().map((MatchResult match) -> match.group(1)).toList();
      assertThat(found).as("names of %s", module).hasSize(1);
      String name = found.get(0);
      assertThat(names.put(name, module)).as("name of %s", module).isNull();
      Path root = CLONE.resolve(module).resolve("src/main/java").resolve(name.replace('.', '/'));
      assertThat(root).isDirectory();
    }
  }

  @Test
  void noPackage_isInTwoModules() throws IOException {
    Map<Path, String> homes = new HashMap<>();
    for (String module : modules()) {
      Path root = CLONE.resolve(module).resolve("src/main/java");
      try (Stream<Path> sources = Files.walk(root)) {
        for (Path source : sources.filter(file -> file.toString().endsWith(".java")).toList()) {
          Path home = root.relativize(source.getParent());
          assertThat(homes.merge(home, module, (first, other) -> first))
              .as("home of %s", home)
              .isEqualTo(module);
        }
      }
    }
    assertThat(homes).hasSizeGreaterThan(30);
  }
}
