package dev.lamina.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The grammars of digests, image names and platforms. */
final class ReferencesTest {
  private static final String HEX = "0123456789abcdef".repeat(4);

  @Test
  void digest_ofKnownAlgorithm_isRead() throws ImageException {
    assertThat(Digest.parse("sha256:" + HEX).hex()).isEqualTo(HEX);
    assertThat(Digest.parse("sha512:" + HEX + HEX)).hasToString("sha512:" + HEX + HEX);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":", "sha256:", "sha256:../../x", "sha256:0", "md5:0", "sha256"})
  void digest_ofAnyOtherForm_isRefused(String text) {
    assertThatThrownBy(() -> Digest.parse(text)).isInstanceOf(ImageException.class);
    assertThatThrownBy(() -> Digest.parse("SHA256:" + HEX)).isInstanceOf(ImageException.class);
    assertThatThrownBy(() -> Digest.parse("sha256:" + HEX.toUpperCase(java.util.Locale.ROOT)))
        .isInstanceOf(ImageException.class);
  }

  @Test
  void chainId_isThatOfTheSpecification() throws ImageException {
    Digest a = Digest.parse("sha256:" + "a".repeat(64));
    Digest b = Digest.parse("sha256:" + "b".repeat(64));
    // printf 'sha256:aa...a sha256:bb...b' | sha256sum
    assertThat(Digest.chain(a, b))
        .isEqualTo(
            Digest.sha256((a + " " + b).getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
  }

  @Test
  void imageName_withoutTag_isLatest() throws ImageException {
    assertThat(ImageName.parse("debian")).isEqualTo(new ImageName("debian", "latest"));
    assertThat(ImageName.parse("localhost:5000/a/b")).hasToString("localhost:5000/a/b:latest");
    assertThat(ImageName.parse("Host.example/a--b__c.d:V_1.0-x"))
        .extracting(ImageName::tag)
        .isEqualTo("V_1.0-x");
    assertThat(ImageName.parse("[::1]:5000/a:t").repository()).isEqualTo("[::1]:5000/a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/", "a/", "/a", "a//b", "A", "a:", "a:-x", "a_-b", "a b", "../x", "a:b:c", "a\n"
      })
  void imageName_outsideTheGrammar_isNone(String text) {
    assertThat(ImageName.tryParse(text)).isEmpty();
  }

  @Test
  void reference_hasItsParts() throws ImageException {
    Digest digest = Digest.parse("sha256:" + HEX);
    ImageReference whole = ImageReference.parse("host.example:5000/a/b:t@" + digest);
    assertThat(whole.repository()).isEqualTo("host.example:5000/a/b");
    assertThat(whole.tag()).contains("t");
    assertThat(whole.digest()).contains(digest);
    assertThat(whole).hasToString("host.example:5000/a/b:t@" + digest);
    assertThat(ImageReference.parse("a@" + digest).tag()).isEmpty();
    assertThat(ImageReference.parse("a@" + digest).name()).hasToString("a:latest");
    assertThat(ImageReference.parse("localhost:5000/a").tag()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a@",
        "a@sha256:0",
        "@DIGEST",
        "a:@DIGEST",
        "a@DIGEST@DIGEST",
        "a..b/c",
        "-a.b/c",
        "a-/c",
        "a.-b/c",
        "host:123456/c",
        "a/B",
        "a@b@DIGEST"
      })
  void reference_outsideTheGrammar_isNone(String form) {
    String text = form.replace("DIGEST", "sha256:" + HEX);
    assertThat(ImageReference.tryParse(text)).isEmpty();
    assertThatThrownBy(() -> ImageReference.parse(text)).isInstanceOf(ImageException.class);
  }

  @Test
  void platform_isReadAndMatched() throws ImageException {
    Platform arm = Platform.parse("linux/arm64");
    assertThat(arm.accepts(new Platform("linux", "arm64", "v8"))).isTrue();
    assertThat(arm.accepts(new Platform("linux", "amd64", null))).isFalse();
    assertThat(Platform.parse("linux/arm/v7").accepts(new Platform("linux", "arm", "v6")))
        .isFalse();
    for (String bad : List.of("linux", "", "a/b/c/d", "linux/")) {
      assertThatThrownBy(() -> Platform.parse(bad)).isInstanceOf(ImageException.class);
    }
  }
}
