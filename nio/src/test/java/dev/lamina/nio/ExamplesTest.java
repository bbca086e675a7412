package dev.lamina.nio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageSources;
import dev.lamina.image.Platform;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.store.ImageHold;
import dev.lamina.store.ImageStore;
import dev.lamina.store.ProgressListener;
import dev.lamina.store.StoredImage;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/embedding.md shows, run. */
final class ExamplesTest {
  @TempDir Path directory;
  private Path top;
  private Path base;
  private Path upper;
  private Path work;
  private String reference;

  @BeforeEach
  void prepare() throws Exception {
    top = Files.createDirectory(directory.resolve("top"));
    base = Files.createDirectory(directory.resolve("base"));
    upper = Files.createDirectory(directory.resolve("upper"));
    work = Files.createDirectory(directory.resolve("work"));
    Files.createDirectory(base.resolve("etc"));
    Files.writeString(base.resolve("etc/motd"), "welcome");
    TarBuilder layer = new TarBuilder().dir("etc").file("etc/os-release", "ID=demo");
    Path oci = new ImageBuilder().layer(layer).writeOci(directory.resolve("oci"), "v1");
    reference = "oci:" + oci + ":v1";
  }

  @Test
  void writable() throws Exception {
    // example: writable
    OverlayOptions layers =
        OverlayOptions.builder().addLower(top).addLower(base).writable(upper, work).build();
    try (FileSystem fs = LaminaFileSystem.open(layers)) {
      Path motd = fs.getPath("/etc/motd");
      Files.writeString(motd, "hello\n");
      Files.copy(motd, fs.getPath("/etc/issue"));
    }
    // end
    assertThat(upper.resolve("etc/issue")).hasContent("hello\n");
    assertThat(base.resolve("etc/motd")).hasContent("welcome");
  }

  @Test
  @SuppressWarnings("try") // The hold is held, not used.
  void stored() throws Exception {
    Path root = directory.resolve("store");
    // example: stored
    ImageStore store = ImageStore.open(root);
    StoredImage image;
    try (ImageSource source = ImageSources.open(reference, Platform.host())) {
      image = store.unpack(source, ProgressListener.NONE);
    }
    try (ImageHold hold = store.hold(image);
        FileSystem fs = LaminaFileSystem.builder().image(image).open();
        Stream<Path> files = Files.walk(fs.getPath("/"))) {
      assertThat(files).contains(fs.getPath("/etc/os-release"));
    }
    // end
  }

  @Test
  void archived() throws Exception {
    // example: archived
    try (FileSystem fs = LaminaFileSystem.builder().archive(reference).open()) {
      String system = Files.readString(fs.getPath("/etc/os-release"));
      assertThat(system).isEqualTo("ID=demo");
    }
    // end
  }

  @Test
  void named() throws Exception {
    // example: named
    URI uri = URI.create("lamina://web");
    Map<String, ?> layers =
        Map.of("lower", top + ":" + base, "upper", upper, "work", work, "umask", "022");
    try (FileSystem fs = FileSystems.newFileSystem(uri, layers)) {
      Path motd = Path.of(URI.create("lamina://web/etc/motd"));
      assertThat(motd).isEqualTo(fs.getPath("/etc/motd")).hasContent("welcome");
    }
    // end
  }

  @Test
  void theDocumentShowsTheseExamples() throws Exception {
    String document = Files.readString(Path.of("../docs/embedding.md"));
    String here = Files.readString(Path.of("src/test/java/dev/lamina/nio/ExamplesTest.java"));
    String[] examples = here.split("    // example: [a-z]+\n", -1);
    assertThat(examples).hasSizeGreaterThan(4);
    for (int i = 1; i < 5; i++) {
      String code = examples[i].substring(0, examples[i].indexOf("    // end\n"));
      assertThat(document).contains(code.replaceAll("(?m)^    ", ""));
    }
  }
}
