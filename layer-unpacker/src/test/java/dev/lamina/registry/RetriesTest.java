package dev.lamina.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class RetriesTest {
  private final Retries retries = new Retries(5, Duration.ofMillis(100), Duration.ofSeconds(10));

  private static Optional<Duration> asked(String value) {
    return Retries.asked(HttpHeaders.of(Map.of("Retry-After", List.of(value)), (n, v) -> true));
  }

  @Property(tries = 200)
  void pause_doublesUpToTheLongest_halfOfItByChance(@ForAll @IntRange(min = 1, max = 1000) int n) {
    long whole = n > 7 ? 10_000 : Math.min(10_000, 100L << (n - 1));
    assertThat(retries.pause(n, Optional.empty()).toMillis()).isBetween(whole / 2 - 1, whole);
  }

  @Test
  void pause_thatTheServerAsksFor_isKeptUpToTheLongest() {
    assertThat(retries.pause(1, asked("3"))).isEqualTo(Duration.ofSeconds(3));
    assertThat(retries.pause(1, asked("86400"))).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void asked_asATime_isFromNow() {
    String time =
        DateTimeFormatter.RFC_1123_DATE_TIME.format(
            ZonedDateTime.now(ZoneOffset.UTC).plusMinutes(5));
    assertThat(asked(time).orElseThrow()).isBetween(Duration.ofMinutes(4), Duration.ofMinutes(5));
    assertThat(asked("Fri, 31 Dec 1999 23:59:59 GMT")).contains(Duration.ZERO);
    assertThat(asked("soon")).isEmpty();
  }
}
