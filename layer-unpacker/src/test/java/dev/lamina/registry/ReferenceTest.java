package dev.lamina.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.image.ImageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ReferenceTest {
  private static final String DIGEST = "sha256:" + "0".repeat(64);

  @ParameterizedTest
  @CsvSource({
    "debian, docker.io/library/debian:latest",
    "docker://debian:12, docker.io/library/debian:12",
    "docker.io/debian, docker.io/library/debian:latest",
    "index.docker.io/a/b, docker.io/a/b:latest",
    "someone/app:v1, docker.io/someone/app:v1",
    "localhost/app, localhost/app:latest",
    "localhost:5000/app, localhost:5000/app:latest",
    "quay.io/a/b/c:x, quay.io/a/b/c:x",
    "127.0.0.1:5000/a, 127.0.0.1:5000/a:latest",
    "[::1]:5000/a:t, [::1]:5000/a:t",
  })
  void parse_asPeopleWriteThem_givesTheFullName(String text, String full) throws Exception {
    Reference reference = Reference.parse(text);
    assertThat(reference).hasToString(full);
    assertThat(reference.name().orElseThrow()).hasToString(full);
  }

  @Test
  void parse_digest_decidesAlone() throws Exception {
    Reference alone = Reference.parse("quay.io/a/b@" + DIGEST);
    assertThat(alone.name()).isEmpty();
    assertThat(alone.identifier()).isEqualTo(DIGEST);
    Reference both = Reference.parse("quay.io/a/b:v1@" + DIGEST);
    assertThat(both.name().orElseThrow()).hasToString("quay.io/a/b:v1");
    assertThat(both.identifier()).isEqualTo(DIGEST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "docker://",
        "Debian",
        "a//b",
        "a:",
        "quay.io/",
        "quay.io/a:b:c",
        "a@sha256:00",
        "quay.io/a@sha256:../../x",
        "a b",
        "../x",
        "quay.io/../x",
        "user:pass@host/x"
      })
  void parse_whatIsNoName_isRefused(String text) {
    assertThatThrownBy(() -> Reference.parse(text)).isInstanceOf(ImageException.class);
  }
}
