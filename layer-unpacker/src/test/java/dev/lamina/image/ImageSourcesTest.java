package dev.lamina.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way of naming and keeping an image, and what is said when it cannot be had. */
final class ImageSourcesTest {
  private static final Platform AMD64 = new Platform("linux", "amd64", null);

  @TempDir private Path directory;

  private final ImageBuilder image =
      new ImageBuilder()
          .layer(new TarBuilder().file("a", "1"))
          .layer(new TarBuilder().file("b", "2"))
          .layer(new TarBuilder().file("c", "3"));

  private static ImageBuilder other() {
    return new ImageBuilder().layer(new TarBuilder().file("other", "x"));
  }

  private static String idOf(String source) throws IOException {
    return idOf(source, AMD64);
  }

  private static String idOf(String source, Platform platform) throws IOException {
    try (ImageSource opened = ImageSources.open(source, platform)) {
      for (LayerBlob layer : opened.layers()) {
        try (VerifyingInputStream blob =
            new VerifyingInputStream(
                opened.openLayer(layer), "layer", layer.size(), layer.digest())) {
          blob.verify();
        }
      }
      return opened.id().toString();
    }
  }

  private static List<String> namesOf(String source) throws IOException {
    try (ImageSource opened = ImageSources.open(source, AMD64)) {
      return opened.names().stream().map(ImageName::toString).toList();
    }
  }

  private static ImageException refused(String source) {
    return refused(source, AMD64);
  }

  private static ImageException refused(String source, Platform platform) {
    ImageException refusal =
        catchThrowableOfType(ImageException.class, () -> ImageSources.open(source, platform));
    assertThat(refusal).as("refusal of " + source).isNotNull();
    assertThat(refusal.getMessage()).doesNotContain("\n");
    return refusal;
  }

  @Test
  void ociDirectory_byTagDigestOrAlone() throws IOException {
    Path layout = image.writeOci(directory.resolve("my:layout"), "v1.0");
    for (String reference : List.of("", ":v1.0", "@" + image.manifestDigest())) {
      assertThat(idOf("oci:" + layout + reference)).isEqualTo(image.id());
      assertThat(idOf(layout + reference)).isEqualTo(image.id());
    }
    assertThat(namesOf("oci:" + layout)).containsExactly("my-layout:v1.0");
  }

  @Test
  void ociArchive_byTagOrAlone() throws IOException {
    Path archive = image.writeOciArchive(directory.resolve("image.tar"), "v1");
    assertThat(idOf("oci-archive:" + archive + ":v1")).isEqualTo(image.id());
    assertThat(idOf(archive.toString())).isEqualTo(image.id());
    assertThat(namesOf(archive.toString())).containsExactly("image:v1");
  }

  @Test
  void dockerArchive_withLayersAfterTheManifestAndBehindLinks() throws IOException {
    Path archive = image.writeDockerArchive(directory.resolve("docker.tar"), "localhost/demo:v1");
    assertThat(idOf("docker-archive:" + archive)).isEqualTo(image.id());
    assertThat(idOf("docker-archive:" + archive + ":localhost/demo:v1")).isEqualTo(image.id());
    assertThat(idOf(archive.toString())).isEqualTo(image.id());
    assertThat(namesOf(archive.toString())).containsExactly("localhost/demo:v1");
  }

  @Test
  void hybridArchive_isReadEitherWay() throws IOException {
    Path archive = image.writeHybridArchive(directory.resolve("new.tar"), "demo:v2");
    assertThat(idOf("docker-archive:" + archive + ":demo:v2")).isEqualTo(image.id());
    assertThat(idOf("oci-archive:" + archive)).isEqualTo(image.id());
    assertThat(idOf(archive.toString())).isEqualTo(image.id());
  }

  @Test
  void severalImages_areToldApartByTag() throws IOException {
    Map<String, ImageBuilder> both = new LinkedHashMap<>();
    both.put("one", image);
    both.put("two", other());
    Path layout = ImageBuilder.write(directory.resolve("oci"), ImageBuilder.index(both));
    assertThat(idOf("oci:" + layout + ":two")).isEqualTo(other().id());
    assertThat(refused("oci:" + layout)).hasMessageContaining("one, two");
    assertThat(refused("oci:" + layout + ":three"))
        .hasMessageContaining("has no image three; it has: one, two")
        .extracting(ImageException::kind)
        .isEqualTo(ImageException.Kind.NOT_FOUND);
  }

  @Test
  void nestedIndex_isResolvedByPlatform() throws IOException {
    List<ImageBuilder> platforms =
        List.of(other().platform("linux", "s390x"), image.platform("linux", "amd64"));
    Map<String, byte[]> files = ImageBuilder.nestedIndex("v1", platforms);
    Path layout = ImageBuilder.write(directory.resolve("oci"), files);
    assertThat(idOf("oci:" + layout + ":v1")).isEqualTo(image.id());
    assertThat(idOf("oci:" + layout + ":v1", Platform.parse("linux/s390x")))
        .isEqualTo(other().id());
    assertThat(refused("oci:" + layout + ":v1", Platform.parse("linux/riscv64")))
        .hasMessageContaining("linux/s390x, linux/amd64");
  }

  @Test
  void missingFilesAndForeignFiles_areNamed() throws IOException {
    Path text = Files.writeString(directory.resolve("text"), "not an archive".repeat(100));
    Path plain = Files.write(directory.resolve("x.tar"), new TarBuilder().file("a", "").bytes());
    Path empty = Files.createDirectory(directory.resolve("empty"));
    assertThat(refused("oci:" + directory + "/none:v1").kind())
        .isEqualTo(ImageException.Kind.NOT_FOUND);
    for (Path bad : List.of(text, plain, empty)) {
      assertThat(refused(bad.toString()))
          .hasMessageContaining(bad.toString())
          .extracting(ImageException::kind)
          .isEqualTo(ImageException.Kind.MALFORMED);
    }
  }

  @Test
  void truncatedArchive_isSaidToBe() throws IOException {
    Path archive = image.writeOciArchive(directory.resolve("image.tar"), "v1");
    byte[] bytes = Files.readAllBytes(archive);
    for (int length = 600; length < bytes.length - 2048; length += 777) {
      Files.write(archive, Arrays.copyOf(bytes, length));
      assertThat(refused("oci-archive:" + archive).kind())
          .isIn(ImageException.Kind.MALFORMED, ImageException.Kind.NOT_FOUND);
    }
  }

  @Test
  void linksInALoop_endInAClearError() throws IOException {
    byte[] tar = new TarBuilder().symlink("index.json", "b").symlink("b", "index.json").bytes();
    Path archive = Files.write(directory.resolve("loop.tar"), tar);
    assertThat(refused(archive.toString())).hasMessageContaining("loop of links");
  }

  @Test
  void archiveOfNothingButHeaders_isRefused() throws IOException {
    TarBuilder tar = new TarBuilder();
    for (int i = 0; i < 40_000; i++) {
      tar.file("f" + i, "");
    }
    Path archive = Files.write(directory.resolve("many.tar"), tar.bytes());
    assertThat(refused(archive.toString()).kind()).isEqualTo(ImageException.Kind.LIMIT);
  }

  // Attack 12.

  @Test
  void oversizedManifest_isRefused_cve20201702() throws IOException {
    Map<String, byte[]> files = image.ociFiles("v1");
    byte[] index = files.get("index.json");
    files.put("index.json", Arrays.copyOf(index, 5 << 20));
    Path layout = ImageBuilder.write(directory.resolve("oci"), files);
    assertThat(refused("oci:" + layout).kind()).isEqualTo(ImageException.Kind.LIMIT);
  }

  @Test
  void deeplyNestedJson_isRefused_cve202325153() throws IOException {
    Map<String, byte[]> files = image.ociFiles("v1");
    String nested = "{\"manifests\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    files.put("index.json", nested.getBytes(StandardCharsets.UTF_8));
    Path layout = ImageBuilder.write(directory.resolve("oci"), files);
    assertThat(refused("oci:" + layout).kind()).isEqualTo(ImageException.Kind.MALFORMED);
  }

  @Test
  void brokenJson_isOneClearLine() throws IOException {
    for (String json :
        List.of(
            "", "{", "[]", "null", "{\"manifests\":[null]}", "{\"manifests\":[{}]}", "\u0000")) {
      Map<String, byte[]> files = image.ociFiles("v1");
      files.put("index.json", json.getBytes(StandardCharsets.UTF_8));
      Path layout = ImageBuilder.write(directory.resolve("oci" + json.hashCode()), files);
      assertThat(refused("oci:" + layout).kind())
          .isIn(ImageException.Kind.MALFORMED, ImageException.Kind.NOT_FOUND);
    }
  }

  @Test
  void dataInADescriptor_mustBeTheContent() throws IOException {
    Map<String, byte[]> files = image.ociFiles("v1");
    String manifest = "blobs/sha256/" + image.manifestDigest().substring("sha256:".length());
    byte[] content = files.get(manifest);
    Path layout = ImageBuilder.write(directory.resolve("oci"), withData(files, content));
    assertThat(idOf("oci:" + layout)).isEqualTo(image.id());
    byte[] other = content.clone();
    other[other.length - 2] ^= 1;
    ImageBuilder.write(layout, withData(files, other));
    assertThat(refused("oci:" + layout))
        .hasMessageContaining("differs from the data embedded in its descriptor")
        .extracting(ImageException::kind)
        .isEqualTo(ImageException.Kind.MISMATCH);
  }

  private static Map<String, byte[]> withData(Map<String, byte[]> files, byte[] data) {
    Map<String, byte[]> changed = new LinkedHashMap<>(files);
    String field = "\"data\":\"" + Base64.getEncoder().encodeToString(data) + "\",\"annotations\"";
    String index = new String(files.get("index.json"), StandardCharsets.UTF_8);
    changed.put(
        "index.json", index.replace("\"annotations\"", field).getBytes(StandardCharsets.UTF_8));
    return changed;
  }

  @Test
  void manifestThatIsNotWhatItsDigestSays_isRefused() throws IOException {
    Map<String, byte[]> files = image.ociFiles("v1");
    String manifest = "blobs/sha256/" + image.manifestDigest().substring("sha256:".length());
    byte[] changed = files.get(manifest).clone();
    changed[changed.length - 2] ^= 1;
    files.put(manifest, changed);
    Path layout = ImageBuilder.write(directory.resolve("oci"), files);
    assertThat(refused("oci:" + layout).kind()).isEqualTo(ImageException.Kind.MISMATCH);
    files.put(manifest, Arrays.copyOf(changed, changed.length + 1));
    ImageBuilder.write(directory.resolve("oci"), files);
    assertThat(refused("oci:" + layout)).hasMessageContaining("descriptor says");
  }
}
