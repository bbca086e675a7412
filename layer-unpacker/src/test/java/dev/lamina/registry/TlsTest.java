package dev.lamina.registry;

import static dev.lamina.registry.Client.name;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.registry.Seen;
import dev.lamina.fixtures.registry.SelfSigned;
import dev.lamina.fixtures.registry.TestRegistry;
import dev.lamina.image.ImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Registries over HTTPS, whose certificate nobody knows unless he is told. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TlsTest {
  @TempDir private Path home;

  private final ImageBuilder image = new ImageBuilder().layer(new TarBuilder().file("a", "1"));
  private static SelfSigned certificate;
  private TestRegistry registry;

  @BeforeAll
  static void certify(@TempDir Path keys) throws Exception {
    certificate = SelfSigned.make(keys);
  }

  @BeforeEach
  void start() throws Exception {
    registry = TestRegistry.startTls(certificate).add("team/app", "v1", image);
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private String app() {
    return name(registry, "team/app:v1");
  }

  private void trustCertificate() throws IOException {
    Path directory = home.resolve(".config/containers/certs.d").resolve(registry.host());
    Files.createDirectories(directory);
    Files.copy(certificate.certificate(), directory.resolve("ca.crt"));
  }

  @Test
  void pull_unknownCertificate_isRefusedAtOnce() throws IOException {
    ImageException refusal = new Client(home).verifyTls(true).refused(app());
    assertThat(refusal.kind()).isEqualTo(ImageException.Kind.UNAVAILABLE);
    assertThat(refusal).hasMessageContaining("its certificate is not trusted");
    assertThat(registry.seen()).isEmpty();
  }

  @Test
  void pull_certificateOfCertsD_isTrusted() throws IOException {
    trustCertificate();
    assertThat(new Client(home).verifyTls(true).pull(app())).isEqualTo(image.id());
  }

  @Test
  void pull_withoutVerification_takesAnyCertificate() throws IOException {
    assertThat(new Client(home).verifyTls(false).pull(app())).isEqualTo(image.id());
    // This host is not verified without being asked to.
    assertThat(new Client(home).pull(app())).isEqualTo(image.id());
  }

  @Test
  void pull_redirectToPlainHttp_isRefused() throws IOException {
    trustCertificate();
    try (TestRegistry plain = TestRegistry.start().add("team/app", "v1", image)) {
      registry.behaviour().redirectBlobs("http://" + plain.host());
      assertThat(new Client(home).verifyTls(true).refused(app()))
          .hasMessageContaining("redirects from HTTPS to plain HTTP");
      assertThat(plain.seen()).isEmpty();
    }
  }

  @Test
  void pull_tokenServerWithoutHttps_getsNoCredentials() throws IOException {
    trustCertificate();
    try (TestRegistry plain = TestRegistry.start()) {
      registry.behaviour().wantTokens().tokenServer("http://" + plain.host() + "/token");
      ImageException refusal =
          new Client(home).verifyTls(true).credentials("me:secret").refused(app());
      assertThat(refusal.kind()).isEqualTo(ImageException.Kind.REFUSED);
      assertThat(refusal).hasMessageContaining("names a token server without HTTPS");
      assertThat(plain.seen()).isEmpty();
      assertThat(registry.seen()).extracting(Seen::authorization).containsOnly("");
    }
  }
}
