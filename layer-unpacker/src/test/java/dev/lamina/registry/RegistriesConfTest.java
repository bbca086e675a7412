package dev.lamina.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.image.ImageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RegistriesConfTest {
  private static final String CONF =
      """
      unqualified-search-registries = ["docker.io"]

      [[registry]]
      prefix = "docker.io"
      location = "docker.io"
      [[registry.mirror]]
      location = "mirror.example:5000/hub"
      insecure = true
      [[registry.mirror]]
      location = "other.example"
      pull-from-mirror = "digest-only"

      [[registry]]
      prefix = "docker.io/library"
      location = "local.example/base"

      [[registry]]
      prefix = "*.internal"
      insecure = true

      [[registry]]
      location = "bad.example"
      blocked = true
      """;

  @TempDir private Path home;

  private List<String> places(String conf, String reference) throws Exception {
    Path file = Files.writeString(home.resolve("registries.conf"), conf);
    Client client = new Client(home).with("CONTAINERS_REGISTRIES_CONF", file);
    return RegistriesConf.read(client.environment())
        .places(Reference.parse(reference), Optional.empty())
        .stream()
        .map(p -> p + (p.verify() ? "" : " insecure") + (p.mirror() ? " mirror" : ""))
        .toList();
  }

  @Test
  void places_mirrors_comeFirst() throws Exception {
    assertThat(places(CONF, "docker.io/a/b:v1"))
        .containsExactly("mirror.example:5000/hub/a/b insecure mirror", "docker.io/a/b");
    assertThat(places(CONF, "docker.io/a/b@sha256:" + "0".repeat(64)))
        .containsExactly(
            "mirror.example:5000/hub/a/b insecure mirror",
            "other.example/a/b mirror",
            "docker.io/a/b");
  }

  @Test
  void places_longestPrefix_movesTheName() throws Exception {
    assertThat(places(CONF, "debian")).containsExactly("local.example/base/debian");
  }

  @Test
  void places_wildcard_isAboutHosts() throws Exception {
    assertThat(places(CONF, "a.b.internal/x")).containsExactly("a.b.internal/x insecure");
    assertThat(places(CONF, "internal.example/x")).containsExactly("internal.example/x");
  }

  @Test
  void places_blocked_isRefused() {
    assertThatThrownBy(() -> places(CONF, "bad.example/x"))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("bad.example/x is blocked");
  }

  @Test
  void places_withoutAWord_isTheRegistryItself() throws Exception {
    assertThat(places("", "quay.io/a/b")).containsExactly("quay.io/a/b");
    assertThat(places("", "localhost:5000/a")).containsExactly("localhost:5000/a insecure");
    assertThat(places("", "127.0.0.1.example.com/a")).containsExactly("127.0.0.1.example.com/a");
  }

  @Test
  void read_whatIsNoToml_isRefusedInOneLine() {
    assertThatThrownBy(() -> places("[[registry]\nx", "debian"))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("registries.conf is not valid")
        .hasMessageNotContaining("\n");
  }
}
