package dev.lamina.registry;

import static dev.lamina.registry.Client.name;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.registry.Seen;
import dev.lamina.fixtures.registry.TestRegistry;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageName;
import dev.lamina.image.ImageSource;
import dev.lamina.image.LayerBlob;
import dev.lamina.image.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pulling from registries that behave, and from those that do not. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class PullTest {
  private static final int LARGE = 300_000;

  @TempDir private Path home;

  private final ImageBuilder image =
      new ImageBuilder()
          .layer(new TarBuilder().file("a", "1"))
          .layer(new TarBuilder().file("large", random(LARGE)))
          .layer(new TarBuilder().file("c", "3"));

  private TestRegistry registry;
  private Client client;

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  @BeforeEach
  void start() throws IOException {
    registry = TestRegistry.start().add("team/app", "v1", image);
    client = new Client(home);
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private String app() {
    return name(registry, "team/app:v1");
  }

  private LayerBlob largeLayer() throws IOException {
    try (ImageSource source = client.registries().open(app(), Client.AMD64)) {
      return source.layers().get(1);
    }
  }

  @Test
  void pull_byTag_andByDigest() throws IOException {
    assertThat(client.pull(app())).isEqualTo(image.id());
    assertThat(client.pull(name(registry, "team/app@" + image.manifestDigest())))
        .isEqualTo(image.id());
    try (ImageSource source = client.registries().open(app(), Client.AMD64)) {
      assertThat(source.names()).containsExactly(ImageName.parse(registry.host() + "/team/app:v1"));
      assertThat(source.name()).isEqualTo(app());
    }
  }

  @Test
  void pull_asksForNothingTwice() throws IOException {
    client.pull(app());
    // Its address, the manifest, the configuration and three layers.
    assertThat(registry.seen()).hasSize(6).extracting(Seen::method).containsOnly("GET");
  }

  @Test
  void pull_index_choosesThePlatform() throws IOException {
    ImageBuilder other = new ImageBuilder().layer(new TarBuilder().file("x", "s390"));
    registry.add(
        "team/multi",
        "v1",
        ImageBuilder.nestedIndex(
            "v1", List.of(other.platform("linux", "s390x"), image.platform("linux", "amd64"))));
    assertThat(client.pull(name(registry, "team/multi:v1"))).isEqualTo(image.id());
    assertThat(client.pull(name(registry, "team/multi:v1"), Platform.parse("linux/s390x")))
        .isEqualTo(other.id());
    assertThatThrownBy(
            () -> client.pull(name(registry, "team/multi:v1"), Platform.parse("linux/mips")))
        .hasMessageContaining("it has: linux/s390x, linux/amd64");
  }

  @Test
  void pull_whatIsNotThere_saysWhatTheRegistrySaid() {
    ImageException refusal = client.refused(name(registry, "team/app:v2"));
    assertThat(refusal.kind()).isEqualTo(ImageException.Kind.NOT_FOUND);
    assertThat(refusal)
        .hasMessage(registry.host() + "/team/app: manifest v2: HTTP 404 (manifest unknown)");
  }

  @Test
  void pull_layerThatIsMissing_isNamed() throws IOException {
    String digest = largeLayer().digest().orElseThrow().toString();
    registry.removeBlob("team/app", digest);
    assertThat(client.refused(app()))
        .hasMessageContaining("team/app: blob " + digest + ": HTTP 404 (blob unknown to registry)");
  }

  @Test
  void pull_layerWithUrls_isNotAskedForThere_cve202015157() throws IOException {
    byte[] tar = new TarBuilder().file("a", "1").bytes();
    try (TestRegistry elsewhere = TestRegistry.start()) {
      String type =
          "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip\",\"urls\":[\"http://"
              + elsewhere.host()
              + "/layer\"],\"note\":\"";
      registry.add("team/foreign", "v1", new ImageBuilder().layer(tar, tar, type));
      String name = name(registry, "team/foreign:v1");
      client.pull(name);
      registry.removeBlob("team/foreign", Digest.sha256(tar).toString());
      assertThat(client.refused(name)).hasMessageContaining("HTTP 404");
      assertThat(elsewhere.seen()).isEmpty();
    }
  }

  // Authorization.

  @Test
  void pull_basic_withTheRightPasswordOnly() throws IOException {
    registry.behaviour().wantBasic("me:secret");
    ImageException without = client.refused(app());
    assertThat(without.kind()).isEqualTo(ImageException.Kind.DENIED);
    assertThat(without).hasMessageContaining("HTTP 401 (unauthorized: authentication required)");
    assertThat(new Client(home).credentials("me:secret2").refused(app()).kind())
        .isEqualTo(ImageException.Kind.DENIED);
    assertThat(client.credentials("me:secret").pull(app())).isEqualTo(image.id());
  }

  @Test
  void pull_tokens_anonymousAndOfAUser() throws IOException {
    registry.behaviour().wantTokens();
    assertThat(client.pull(app())).isEqualTo(image.id());
    assertThat(registry.count("GET", "/token")).isEqualTo(1);
    assertThat(registry.count("GET", "/v2/team/app/manifests/v1")).isEqualTo(1);
    registry.behaviour().wantBasic("me:secret");
    ImageException refusal = new Client(home).credentials("me:secret2").refused(app());
    assertThat(refusal.kind()).isEqualTo(ImageException.Kind.DENIED);
    assertThat(refusal).hasMessageContaining("token of", "credentials of me", "who are you");
    assertThat(client.credentials("me:secret").pull(app())).isEqualTo(image.id());
  }

  @Test
  void pull_tokenThatIsNoGoodAnyMore_isRenewed() throws IOException {
    registry.behaviour().wantTokens().tokensGoodFor(2);
    assertThat(client.pull(app())).isEqualTo(image.id());
    assertThat(registry.count("GET", "/token")).isBetween(3L, 5L);
  }

  @Test
  void pull_identityToken_isExchanged() throws IOException {
    registry.behaviour().wantTokens().wantBasic("me:secret").identityToken("secret-identity");
    Path authFile = home.resolve("auth.json");
    Files.writeString(
        authFile,
        "{\"auths\":{\"%s\":{\"identitytoken\":\"secret-identity\"}}}".formatted(registry.host()));
    assertThat(client.authFile(authFile).pull(app())).isEqualTo(image.id());
    assertThat(registry.count("POST", "/token")).isEqualTo(1);
  }

  // Attack 19.

  @Test
  void pull_redirectToAnotherHost_takesNoCredentialsThere_cve202015157() throws IOException {
    try (TestRegistry elsewhere = TestRegistry.start().add("team/app", "v1", image)) {
      registry.behaviour().wantBasic("me:secret").redirectBlobs("http://" + elsewhere.host());
      assertThat(client.credentials("me:secret").pull(app())).isEqualTo(image.id());
      assertThat(elsewhere.seen()).hasSize(4).extracting(Seen::authorization).containsOnly("");
      assertThat(registry.seen()).extracting(Seen::authorization).contains("Basic bWU6c2VjcmV0");
    }
  }

  @Test
  void pull_challengeOfARedirectedHost_isNotAnswered() throws IOException {
    try (TestRegistry elsewhere = TestRegistry.start().add("team/app", "v1", image)) {
      elsewhere.behaviour().wantBasic("me:secret");
      registry.behaviour().wantBasic("me:secret").redirectBlobs("http://" + elsewhere.host());
      assertThat(client.credentials("me:secret").refused(app()).kind())
          .isEqualTo(ImageException.Kind.DENIED);
      assertThat(elsewhere.seen()).extracting(Seen::authorization).containsOnly("");
    }
  }

  @Test
  void pull_redirectInACircle_ends() {
    registry.behaviour().redirectBlobs("http://" + registry.host());
    assertThat(client.refused(app())).hasMessageContaining("redirects more than 10 times");
  }

  @Test
  void pull_mirror_isNotShownTheCredentialsOfTheRegistry() throws IOException {
    try (TestRegistry mirror = TestRegistry.start()) {
      mirror.behaviour().wantBasic("me:secret");
      registry.behaviour().wantBasic("me:secret");
      assertThat(client.credentials("me:secret").mirror(mirror.host()).pull(app()))
          .isEqualTo(image.id());
      assertThat(mirror.seen()).isNotEmpty().extracting(Seen::authorization).containsOnly("");
    }
  }

  // What breaks on the way.

  @Test
  void pull_connectionThatBreaks_goesOnWhereItStopped() throws IOException {
    registry.behaviour().cutDownloads(6, 70_000);
    assertThat(client.pull(app())).isEqualTo(image.id());
    assertThat(registry.seen())
        .extracting(Seen::range)
        .contains("bytes=70000-", "bytes=140000-", "bytes=210000-");
  }

  @Test
  void pull_connectionThatBreaks_whereRangesAreUnknown_beginsAnew() throws IOException {
    registry.behaviour().knowNoRanges().cutDownloads(2, 200_000);
    assertThat(client.pull(app())).isEqualTo(image.id());
  }

  @Test
  void pull_connectionThatBreaksForEver_isGivenUp() {
    registry.behaviour().knowNoRanges().cutDownloads(1_000, 100);
    ImageException refusal = client.refused(app());
    assertThat(refusal.kind()).isEqualTo(ImageException.Kind.UNAVAILABLE);
    assertThat(refusal).hasMessageContaining("team/app: blob sha256:");
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 502, 503, 504})
  void pull_passingFailure_isTriedAgain(int status) throws IOException {
    for (String path : List.of("/v2/", "/manifests/", "/blobs/")) {
      registry.behaviour().fail(Client.RETRIES, status, path);
      assertThat(client.pull(app())).isEqualTo(image.id());
    }
  }

  @Test
  void pull_failureThatStays_isTold() {
    registry.behaviour().fail(1_000, 503, "/manifests/");
    ImageException refusal = client.refused(app());
    assertThat(refusal.kind()).isEqualTo(ImageException.Kind.UNAVAILABLE);
    assertThat(refusal).hasMessageContaining("manifest v1: HTTP 503 (unavailable: come again)");
    assertThat(registry.count("GET", "/manifests/")).isEqualTo(Client.RETRIES + 1);
  }

  @Test
  void pull_failureOfAnotherKind_isNotTriedAgain() {
    registry.behaviour().fail(1_000, 400, "/manifests/");
    assertThat(client.refused(app()).kind()).isEqualTo(ImageException.Kind.UNAVAILABLE);
    assertThat(registry.count("GET", "/manifests/")).isEqualTo(1);
  }

  @Test
  void pull_retryAfter_isKept() throws IOException {
    registry.behaviour().fail(1, 429, "/manifests/").retryAfter("1");
    long start = System.nanoTime();
    assertThat(client.pull(app())).isEqualTo(image.id());
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void pull_nobodyThere_isOneLine() {
    String gone = registry.host();
    registry.close();
    ImageException refusal = client.refused("docker://" + gone + "/team/app:v1");
    assertThat(refusal.kind()).isEqualTo(ImageException.Kind.UNAVAILABLE);
    assertThat(refusal).hasMessageContaining(gone, "connection refused");
  }

  @Test
  void pull_plainHttp_isRefusedWhereHttpsIsWanted() throws Exception {
    // Not the JDK's own server, which from JDK 25 on waits for more of what is no request.
    try (ServerSocket plain = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread server = new Thread(() -> refuseWhatIsNoRequest(plain));
      server.setDaemon(true);
      server.start();
      String image = "docker://127.0.0.1:" + plain.getLocalPort() + "/team/app:v1";
      ImageException refusal = client.verifyTls(true).refused(image);
      assertThat(refusal.kind()).isEqualTo(ImageException.Kind.UNAVAILABLE);
    }
  }

  private static void refuseWhatIsNoRequest(ServerSocket plain) {
    while (!plain.isClosed()) {
      try (Socket connection = plain.accept()) {
        if (connection.getInputStream().read(new byte[4096]) > 0) {
          String refusal = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
          connection.getOutputStream().write(refusal.getBytes(StandardCharsets.US_ASCII));
        }
      } catch (IOException e) {
        // The client has gone, or the test has ended.
      }
    }
  }

  @Test
  void read_closedByAnotherThread_ends() throws Exception {
    try (ImageSource source = client.registries().open(app(), Client.AMD64)) {
      LayerBlob layer = source.layers().get(1);
      // It would wait for a minute before it comes again.
      // (All are cut: one may break so early that it is tried again before it is opened.)
      registry.behaviour().cutDownloads(1_000, 1_000).fail(0, 503, "/blobs/").retryAfter("60");
      InputStream in = source.openLayer(layer);
      registry.behaviour().fail(1_000, 503, "/blobs/");
      Thread closer =
          new Thread(
              () -> {
                try {
                  Thread.sleep(300);
                  in.close();
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      closer.start();
      assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class);
      closer.join();
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
  }

  // Content that is not what it should be.

  @Test
  void pull_spoiledLayer_isRefused() throws IOException {
    registry.spoil("team/app", largeLayer().digest().orElseThrow().toString());
    assertThat(client.refused(app()).kind()).isEqualTo(ImageException.Kind.MISMATCH);
  }

  @Test
  void pull_spoiledLayerInPieces_isRefusedAsAWhole() throws IOException {
    registry.spoil("team/app", largeLayer().digest().orElseThrow().toString());
    registry.behaviour().cutDownloads(3, 60_000);
    assertThat(client.refused(app()).kind()).isEqualTo(ImageException.Kind.MISMATCH);
  }

  @Test
  void pull_manifestOtherThanItsDigest_isRefused() {
    registry
        .behaviour()
        .sendInsteadOfManifests("{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8));
    for (String reference : List.of(":v1", "@" + image.manifestDigest())) {
      assertThat(client.refused(name(registry, "team/app" + reference)).kind())
          .isEqualTo(ImageException.Kind.MISMATCH);
    }
  }

  @Test
  void pull_manifestThatIsAnIndexToo_isRefused_cve202141190() {
    ImageBuilder both =
        new ImageBuilder()
            .layer(new TarBuilder().file("a", "1"))
            .manifestFields(",\"manifests\":[]");
    registry.add("team/both", "v1", both);
    assertThat(client.refused(name(registry, "team/both:v1")).kind())
        .isEqualTo(ImageException.Kind.REFUSED);
  }

  @Test
  void pull_oversizedManifest_isRefused_cve20201702() {
    registry.behaviour().sendInsteadOfManifests(new byte[5 << 20]);
    assertThat(client.refused(app()).kind()).isEqualTo(ImageException.Kind.LIMIT);
  }

  // Mirrors.

  @Test
  void pull_mirror_isAskedFirst() throws IOException {
    try (TestRegistry mirror = TestRegistry.start().add("hub/team/app", "v1", image)) {
      assertThat(client.mirror(mirror.host() + "/hub").pull(app())).isEqualTo(image.id());
      assertThat(registry.seen()).isEmpty();
    }
  }

  @Test
  void pull_mirrorThatLacksALayer_isCompletedByTheRegistry() throws IOException {
    String digest = largeLayer().digest().orElseThrow().toString();
    registry.forgetWhatWasSeen();
    try (TestRegistry mirror = TestRegistry.start().add("team/app", "v1", image)) {
      mirror.removeBlob("team/app", digest);
      assertThat(client.mirror(mirror.host()).pull(app())).isEqualTo(image.id());
      assertThat(registry.seen()).extracting(Seen::target).contains("/v2/team/app/blobs/" + digest);
      assertThat(registry.count("GET", "/manifests/")).isZero();
    }
  }

  @Test
  void pull_mirrorThatIsNotThere_isPassedOver() throws IOException {
    TestRegistry mirror = TestRegistry.start();
    mirror.close();
    Path conf = home.resolve("registries.conf");
    Files.writeString(
        conf,
        """
        [[registry]]
        location = "%s"
        [[registry.mirror]]
        location = "%s"
        """
            .formatted(registry.host(), mirror.host()));
    assertThat(client.with("CONTAINERS_REGISTRIES_CONF", conf).pull(app())).isEqualTo(image.id());
  }
}
