package dev.lamina.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

final class ChallengeTest {
  @Test
  void parse_severalSchemesInOneHeader_areToldApart() {
    List<Challenge> challenges =
        Challenge.parse(
            List.of(
                "Basic realm=\"a b\", Bearer realm=\"https://t/x?y\" , scope=\"r:a:pull,push\""));
    assertThat(challenges)
        .containsExactly(
            new Challenge("basic", Map.of("realm", "a b")),
            new Challenge("bearer", Map.of("realm", "https://t/x?y", "scope", "r:a:pull,push")));
  }

  @Test
  void parse_severalHeaders_areAllRead() {
    assertThat(Challenge.parse(List.of("Negotiate", "BEARER Realm=x,error=\"invalid \\\"t\\\"\"")))
        .containsExactly(
            new Challenge("negotiate", Map.of()),
            new Challenge("bearer", Map.of("realm", "x", "error", "invalid \"t\"")));
  }

  @Property(tries = 500, seed = "2026")
  void parse_anything_ends(
      @ForAll @AlphaChars @Chars({'=', ',', '"', '\\', ' '}) @StringLength(max = 40) String text) {
    assertThat(Challenge.parse(List.of(text))).isNotNull();
  }
}
