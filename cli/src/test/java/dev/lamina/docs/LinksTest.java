package dev.lamina.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the documents refer to is there. */
final class LinksTest {
  @Test
  void links_leadToAPageAndAHeading() {
    Map<Path, Set<String>> anchors = new HashMap<>();
    List<Document> documents = Document.all();
    for (Document document : documents) {
      anchors.put(Clone.ROOT.resolve(document.page()), document.anchors());
    }
    int checked = 0;
    for (Document document : documents) {
      for (Document.Piece link : document.links()) {
        if (link.text().matches("[a-z]+:.*")) {
          continue;
        }
        String[] parts = link.text().split("#", 2);
        Path page = Clone.ROOT.resolve(document.page());
        Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        assertThat(target).as("%s", link).exists();
        if (parts.length > 1) {
          assertThat(anchors.get(target)).as("headings of %s", link).contains(parts[1]);
        }
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(50);
  }

  @Test
  void filesOfTheProject_areThere() throws IOException {
    String path = "([.]ci|" + String.join("|", Clone.modules()) + ")/[\\w./-]+";
    List<Document.Piece> named =
        Document.allCodes().stream()
            .filter(code -> program(code).matches(path) && !code.text().contains("/target"))
            .toList();
    assertThat(named).hasSizeGreaterThan(5);
    assertThat(named.stream().filter(code -> !Files.exists(Clone.ROOT.resolve(program(code)))))
        .isEmpty();
  }

  private static String program(Document.Piece code) {
    return code.text().split(" ", 2)[0];
  }

  /** The tables of docs/architecture.md are where a newcomer looks first. */
  @Test
  void classesOfTheMap_areThere() throws IOException {
    Set<String> classes = Clone.classes();
    classes.addAll(Set.of("Files", "Path", "String"));
    List<Document.Piece> named =
        Document.allCodes().stream()
            .filter(code -> code.page().equals("docs/architecture.md"))
            .filter(code -> code.text().matches("[A-Z][A-Za-z]*[a-z][A-Za-z]*"))
            .toList();
    assertThat(named).hasSizeGreaterThan(40);
    assertThat(named.stream().filter(code -> !classes.contains(code.text()))).isEmpty();
  }
}
