package dev.lamina.registry;

import static dev.lamina.registry.Client.name;
import static dev.lamina.registry.Client.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.registry.Seen;
import dev.lamina.fixtures.registry.TestRegistry;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageSources;
import dev.lamina.image.LayerBlob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pushing to registries that behave, and to those that do not. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class PushTest {
  /** More than goes in one request. */
  private static final int LARGE = 6_000_000;

  @TempDir private Path home;

  private final ImageBuilder image =
      new ImageBuilder()
          .layer(new TarBuilder().file("a", "1"))
          .layer(new TarBuilder().file("large", random()))
          .layer(new TarBuilder().file("a", "1"));

  private TestRegistry registry;
  private Client client;

  private static byte[] random() {
    byte[] bytes = new byte[LARGE];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  @BeforeEach
  void start() throws IOException {
    registry = TestRegistry.start();
    client = new Client(home);
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private String layout() throws IOException {
    return "oci:" + image.writeOci(home.resolve("layout"), "v1") + ":v1";
  }

  private Digest push(String source, String target, String... related) throws IOException {
    return push(source, target, PushListener.NONE, related);
  }

  private Digest push(String source, String target, PushListener listener, String... related)
      throws IOException {
    try (ImageSource opened = ImageSources.open(source, Client.AMD64)) {
      Path scratch = Files.createDirectories(home.resolve("scratch"));
      try {
        return client
            .registries()
            .push(opened, name(registry, target), List.of(related), scratch, listener);
      } finally {
        assertThat(scratch).isEmptyDirectory();
      }
    }
  }

  /** Pushes the image, which must then be there, byte for byte. */
  private void pushes() throws IOException {
    assertThat(push(layout(), "team/app:v1")).hasToString(image.manifestDigest());
    assertThat(client.pull(name(registry, "team/app@" + image.manifestDigest())))
        .isEqualTo(image.id());
    assertThat(client.pull(name(registry, "team/app:v1"))).isEqualTo(image.id());
  }

  @Test
  void push_image_isThereByteForByte() throws IOException {
    pushes();
    // Two layers and the configuration; the third layer is the first again.
    assertThat(registry.count("POST", "/blobs/uploads/")).isEqualTo(3);
    assertThat(registry.count("HEAD", "/blobs/")).isEqualTo(3);
    assertThat(registry.count("PATCH", "/blobs/uploads/")).isEqualTo(1);
  }

  @Test
  void push_again_sendsTheManifestAlone() throws IOException {
    pushes();
    registry.forgetWhatWasSeen();
    assertThat(push(layout(), "team/app:v2")).hasToString(image.manifestDigest());
    assertThat(registry.count("POST", "")).isZero();
    assertThat(registry.count("PUT", "")).isEqualTo(1);
  }

  @Test
  void push_layersOfAnotherRepository_areMounted() throws IOException {
    push(layout(), "team/app:v1");
    registry.forgetWhatWasSeen();
    push(layout(), "other/app:v1", registry.host() + "/team/app", "quay.io/else/where");
    assertThat(registry.count("POST", "mount=sha256:")).isEqualTo(2);
    assertThat(registry.count("PATCH", "")).isZero();
    assertThat(client.pull(name(registry, "other/app:v1"))).isEqualTo(image.id());
  }

  @Test
  void push_layersThatTheOtherRepositoryLacks_areUploadedWithTheSameRequest() throws IOException {
    push(layout(), "team/app:v1", registry.host() + "/team/empty");
    assertThat(registry.count("POST", "mount=sha256:")).isEqualTo(2);
    // The configuration's.
    assertThat(registry.count("POST", "uploads/") - 2).isEqualTo(1);
    assertThat(client.pull(name(registry, "team/app:v1"))).isEqualTo(image.id());
  }

  @Test
  void push_layerThatMayNotBeHandedOn_isNotSent() throws IOException {
    byte[] tar = new TarBuilder().file("a", "1").bytes();
    ImageBuilder foreign =
        new ImageBuilder()
            .layer(tar, tar, "application/vnd.oci.image.layer.nondistributable.v1.tar");
    push("oci:" + foreign.writeOci(home.resolve("foreign"), "v1") + ":v1", "team/app:v1");
    assertThat(registry.blob("team/app", Digest.sha256(tar).toString())).isNull();
    assertThat(registry.manifest("team/app", "v1")).isNotNull();
  }

  @Test
  void push_dockerArchive_isCompressedAndAlwaysTheSame() throws IOException {
    Path archive = image.writeDockerArchive(home.resolve("docker.tar"), "localhost/demo:v1");
    Digest digest = push("docker-archive:" + archive, "team/app:v1");
    assertThat(client.pull(name(registry, "team/app:v1"))).isEqualTo(image.id());
    assertThat(push("docker-archive:" + archive, "team/again:v1")).isEqualTo(digest);
    try (ImageSource source =
        client.registries().open(name(registry, "team/app:v1"), Client.AMD64)) {
      assertThat(source.layers())
          .extracting(LayerBlob::mediaType)
          .containsOnly("application/vnd.oci.image.layer.v1.tar+gzip");
    }
  }

  @Test
  void push_tokens_allowWhatIsDone() throws IOException {
    registry.behaviour().wantTokens().wantBasic("me:secret");
    client.credentials("me:secret");
    pushes();
    assertThat(registry.seen())
        .filteredOn(seen -> seen.target().startsWith("/v2/team"))
        .extracting(Seen::authorization)
        .allMatch(authorization -> authorization.startsWith("Bearer "));
    registry.forgetWhatWasSeen();
    push(layout(), "other/app:v1", registry.host() + "/team/app");
    assertThat(client.pull(name(registry, "other/app:v1"))).isEqualTo(image.id());
  }

  @Test
  void push_tokenThatRunsOutMeanwhile_isRenewed() throws IOException {
    registry.behaviour().wantTokens().revokeTokensAt("/blobs/uploads/u");
    pushes();
    assertThat(registry.seen()).extracting(Seen::authorization).contains("Bearer token-1");
  }

  @Test
  void push_withoutTheRight_isDenied() {
    registry.behaviour().wantBasic("me:secret");
    assertThat(refusal(() -> push(layout(), "team/app:v1")).kind())
        .isEqualTo(ImageException.Kind.DENIED);
  }

  // What breaks on the way.

  @Test
  void push_connectionThatBreaks_goesOnWhereItStopped() throws IOException {
    registry.behaviour().cutUploads(3, 1_000_000);
    pushes();
    assertThat(registry.count("GET", "/blobs/uploads/")).isBetween(1L, 3L);
  }

  @Test
  void push_connectionThatBreaks_whereUploadsAreForgotten_beginsAnew() throws IOException {
    registry.behaviour().forgetUploads().cutUploads(3, 1_000);
    pushes();
  }

  @Test
  void push_connectionThatBreaksForEver_isGivenUp() {
    registry.behaviour().forgetUploads().cutUploads(1_000, 10);
    ImageException refusal = refusal(() -> push(layout(), "team/app:v1"));
    assertThat(refusal.kind()).isEqualTo(ImageException.Kind.UNAVAILABLE);
    assertThat(refusal).hasMessageContaining("team/app: blob sha256:");
    assertThat(registry.manifest("team/app", "v1")).isNull();
  }

  @Test
  void push_registryThatTakesPiecesOnly() throws IOException {
    registry.behaviour().takePiecesOnly();
    pushes();
  }

  @Test
  void push_registryThatTakesSmallPiecesOnly() throws IOException {
    registry.behaviour().largestPiece(1 << 20);
    pushes();
    assertThat(registry.count("PATCH", "")).isGreaterThan(6);
  }

  @Test
  void push_passingFailures_areTriedAgain() throws IOException {
    for (String path : List.of("/v2/", "/blobs/sha256", "/uploads/", "/manifests/")) {
      registry.behaviour().fail(2, 503, path);
      push(layout(), "team" + Integer.toHexString(path.hashCode()) + "/app:v1");
    }
    assertThat(registry.count("PUT", "/manifests/v1")).isEqualTo(4 + 2);
  }

  @Test
  void push_spoiledLayer_isNotSent() throws IOException {
    String source = layout();
    for (LayerBlob layer : layersOf(source)) {
      Path blob = home.resolve("layout").resolve(layer.path());
      byte[] bytes = Files.readAllBytes(blob);
      bytes[bytes.length / 2] ^= 1;
      Files.write(blob, bytes);
    }
    ImageException refusal = refusal(() -> push(source, "team/app:v1"));
    assertThat(refusal.kind()).isEqualTo(ImageException.Kind.MISMATCH);
    assertThat(registry.manifest("team/app", "v1")).isNull();
  }

  private static List<LayerBlob> layersOf(String source) throws IOException {
    try (ImageSource opened = ImageSources.open(source, Client.AMD64)) {
      return opened.layers();
    }
  }

  @Test
  void push_underAnotherDigest_isRefused() throws IOException {
    String source = layout();
    assertThat(refusal(() -> push(source, "team/app@sha256:" + "0".repeat(64))).kind())
        .isEqualTo(ImageException.Kind.MISMATCH);
    assertThat(push(source, "team/app@" + image.manifestDigest()))
        .hasToString(image.manifestDigest());
  }

  @Test
  void push_progress_comesToTheWholeSizeWhateverBreaks() throws IOException {
    registry.behaviour().cutUploads(2, 500_000);
    Map<String, AtomicLong> told = new ConcurrentHashMap<>();
    Map<String, String> ends = new ConcurrentHashMap<>();
    PushListener listener =
        new PushListener() {
          @Override
          public void present(LayerBlob layer, String how) {
            ends.put(layer.path(), how);
          }

          @Override
          public void advanced(LayerBlob layer, long bytes) {
            told.computeIfAbsent(layer.path(), p -> new AtomicLong()).addAndGet(bytes);
          }

          @Override
          public void finished(LayerBlob layer) {
            ends.putIfAbsent(layer.path(), "finished");
          }
        };
    String source = layout();
    push(source, "team/app:v1", listener);
    LayerBlob large = layersOf(source).get(1);
    assertThat(told.get(large.path())).hasValue(large.size());
    assertThat(ends).containsEntry(large.path(), "finished").hasSize(2);
  }
}
