package dev.lamina.overlay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.linux.Identity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Layers that only metacopies lead to. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class DataOnlyTest {
  @TempDir Path directory;
  private Stack stack;
  private Path lower;

  @BeforeEach
  void makeLower() throws Exception {
    Assumptions.assumeTrue(Identity.processUid() == 0, "trusted xattrs need CAP_SYS_ADMIN");
    stack = new Stack(directory);
    lower = stack.lower();
  }

  private Path data(int i) throws Exception {
    return Files.createDirectories(directory.resolve("data" + i));
  }

  private Overlay open(Path... dataLowers) throws Exception {
    OverlayOptions.Builder options = stack.options();
    for (Path data : dataLowers) {
      options.addDataLower(data);
    }
    return Overlay.open(options.build());
  }

  @Test
  void namesAreInvisible_dataIsReachedByAbsoluteRedirect() throws Exception {
    Files.createDirectories(data(0).resolve("objects/ab"));
    Files.createDirectories(data(1).resolve("objects/ab"));
    Files.writeString(data(0).resolve("objects/ab/1"), "one");
    Files.writeString(data(1).resolve("objects/ab/1"), "hidden by the one above");
    Files.writeString(data(1).resolve("objects/ab/2"), "two");
    Marked.make(lower.resolve("d/one"), 3, "/objects/ab/1");
    Marked.make(lower.resolve("d/two"), 3, "/objects/ab/2");
    Marked.make(lower.resolve("d/relative"), 3, "1");
    try (Overlay overlay = open(data(0), data(1))) {
      assertThat(overlay.paths().list("/")).containsExactly("d");
      assertThat(text(overlay, "d/one")).isEqualTo("one");
      assertThat(text(overlay, "d/two")).isEqualTo("two");
      assertThatThrownBy(() -> overlay.paths().stat("d/relative")).hasMessageContaining("EIO");
      // As any lower file: metadata is promoted alone, and redirects are added on the way.
      overlay.paths().chmod("d/one", 0600);
      overlay.paths().rename("d/two", "moved");
      overlay.paths().write("d/one", "ONE".getBytes(UTF_8));
    }
    assertThat(stack.upper().resolve("d/one")).hasContent("ONE");
    assertThat(Marked.redirect(stack.upper().resolve("moved"))).isEqualTo("/d/two");
    try (Overlay again = open(data(0), data(1))) {
      assertThat(text(again, "moved")).isEqualTo("two");
    }
    assertThat(data(0).resolve("objects/ab/1")).hasContent("one");
  }

  @Test
  void dataIsLookedForWhenItIsOpened() throws Exception {
    Marked.make(lower.resolve("missing"), 5000, "/objects/none");
    try (Overlay overlay = open(data(0))) {
      assertThat(overlay.paths().stat("missing").size).isEqualTo(5000);
      // ENOENT as kernel overlayfs, also for what would need the data to be copied up.
      assertThatThrownBy(() -> overlay.paths().read("missing")).hasMessageContaining("ENOENT");
      assertThatThrownBy(() -> overlay.paths().chmod("missing", 0600))
          .hasMessageContaining("ENOENT");
      overlay.paths().remove("missing");
      assertThat(overlay.paths().list("/")).isEmpty();
    }
  }

  @Test
  void dataLayers_holdPlainTrees() throws Exception {
    Path data = data(0);
    Files.createDirectories(data.resolve("d/directory"));
    Files.createSymbolicLink(data.resolve("d/link"), Path.of("file"));
    Files.writeString(data.resolve("d/file"), "file");
    Files.createSymbolicLink(data.resolve("dl"), Path.of("d"));
    Marked.make(lower.resolve("directory"), 4, "/d/directory");
    Marked.make(lower.resolve("link"), 4, "/d/link");
    Marked.make(lower.resolve("through"), 4, "/dl/file");
    try (Overlay overlay = open(data)) {
      for (String name : new String[] {"directory", "link", "through"}) {
        assertThatThrownBy(() -> overlay.paths().read(name)).hasMessageContaining("ENOENT");
      }
    }
  }

  @Test
  void metacopyOff_stillLeadsToDataLayers() throws Exception {
    Files.writeString(data(0).resolve("object"), "data");
    Marked.make(lower.resolve("f"), 4, "/object");
    Marked.make(lower.resolve("g"), 4, "/f");
    OverlayOptions options =
        stack.options().addDataLower(data(0)).metacopies(Metacopies.OFF).build();
    try (Overlay overlay = Overlay.open(options)) {
      assertThat(text(overlay, "f")).isEqualTo("data");
      overlay.paths().chmod("f", 0600);
      assertThat(stack.upper().resolve("f")).hasContent("data");
    }
  }

  @Test
  void fiveHundredLayers_mostOfThemDataOnly() throws Exception {
    Path[] layers = new Path[490];
    for (int i = 0; i < layers.length; i++) {
      layers[i] = data(i);
      Files.writeString(layers[i].resolve("object" + i), "data " + i);
      Marked.make(lower.resolve("f" + i), ("data " + i).length(), "/object" + i);
    }
    try (Overlay overlay = open(layers)) {
      for (int i = 0; i < layers.length; i += 70) {
        assertThat(text(overlay, "f" + i)).isEqualTo("data " + i);
      }
    }
  }

  @Test
  void dataLayersAlone_areNoStack() {
    assertThatThrownBy(
            () -> OverlayOptions.builder().addDataLower(directory).writable(lower, lower).build())
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void layerThatIsAlsoDataOnly_isRefused() {
    assertThatThrownBy(() -> open(lower)).hasMessageContaining("ELOOP");
  }

  private static String text(Overlay overlay, String path) throws Exception {
    return new String(overlay.paths().read(path), UTF_8);
  }
}
