package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.cli.OverlayArguments.Option;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OverlayArgumentsTest {
  @Test
  void parse_optionsWithAndWithoutValues_keepsTheirOrder() {
    assertThat(OverlayArguments.parse("ro,lowerdir=/a:/b,x="))
        .containsExactly(
            new Option("ro", null), new Option("lowerdir", "/a:/b"), new Option("x", ""));
  }

  @Test
  void parse_emptyOptions_areSkipped() {
    assertThat(OverlayArguments.parse("")).isEmpty();
    assertThat(OverlayArguments.parse(",,ro,")).containsExactly(new Option("ro", null));
  }

  @Test
  void parse_quotes_keepCommasTogether() {
    assertThat(OverlayArguments.parse("context=\"system_u:c1,c2\",ro"))
        .containsExactly(new Option("context", "system_u:c1,c2"), new Option("ro", null));
  }

  @Test
  void parse_escapedComma_belongsToTheValue() {
    List<Option> options = OverlayArguments.parse("upperdir=/a\\,b,ro");
    assertThat(options).hasSize(2);
    assertThat(options.get(0).text()).isEqualTo("/a,b");
  }

  @Test
  void parse_secondEqualsSign_belongsToTheValue() {
    assertThat(OverlayArguments.parse("upperdir=/a=b"))
        .containsExactly(new Option("upperdir", "/a=b"));
  }

  @Test
  void text_backslashAtTheEnd_isItself() {
    assertThat(OverlayArguments.parse("upperdir=/a\\").get(0).text()).isEqualTo("/a\\");
  }

  @Test
  void lowers_colonsAtTheEnds_areSkipped() throws Exception {
    assertThat(OverlayArguments.lowers("").layers()).isEmpty();
    assertThat(OverlayArguments.lowers(":/a:/b:").layers()).containsExactly("/a", "/b");
  }

  @Test
  void lowers_afterTwoColons_areDataOnly() throws Exception {
    OverlayArguments.Lowers lowers = OverlayArguments.lowers("/a:/b\\:c::/d::/e\\:\\:f");
    assertThat(lowers.layers()).containsExactly("/a", "/b:c");
    assertThat(lowers.dataOnly()).containsExactly("/d", "/e::f");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a:::/b", "/a::/b:/c", "/a::", "::/a", ":::"})
  void lowers_thatTheKernelRefuses_areRefused(String value) {
    assertThatThrownBy(() -> OverlayArguments.lowers(value)).isInstanceOf(CommandFailure.class);
  }

  @Provide
  Arbitrary<String> path() {
    return Arbitraries.strings()
        .withChars("ab/:,\\\"= .\u00e9")
        .ofMinLength(1)
        .ofMaxLength(12)
        .map(name -> "/" + name);
  }

  @Provide
  Arbitrary<List<String>> paths() {
    return path().list().ofMinSize(1).ofMaxSize(5);
  }

  @Property(seed = "2026")
  void layersAndUpper_escaped_comeBackAsTheyWere(
      @ForAll("paths") List<String> lowers, @ForAll("path") String upper) throws Exception {
    String text =
        "lowerdir="
            + lowers.stream().map(OverlayArgumentsTest::escape).collect(Collectors.joining(":"))
            + ",upperdir="
            + escape(upper)
            + ",ro";
    List<Option> options = OverlayArguments.parse(text);
    assertThat(options).extracting(Option::name).containsExactly("lowerdir", "upperdir", "ro");
    assertThat(OverlayArguments.lowers(options.get(0).value()).layers()).isEqualTo(lowers);
    assertThat(options.get(1).text()).isEqualTo(upper);
  }

  private static String escape(String path) {
    return path.replaceAll("([\\\\:,\"])", "\\\\$1");
  }
}
