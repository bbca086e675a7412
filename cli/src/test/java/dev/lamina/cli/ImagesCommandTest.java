package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ImagesCommandTest {
  private static final Instant NOW = Instant.parse("2025-06-01T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "PT0S, just now",
    "PT1M59S, just now",
    "PT2M, 2 minutes ago",
    "PT1H59M, 119 minutes ago",
    "PT2H, 2 hours ago",
    "PT47H, 47 hours ago",
    "P2D, 2 days ago",
    "P13D, 13 days ago",
    "P14D, 2 weeks ago",
    "P59D, 8 weeks ago",
    "P60D, 2 months ago",
    "P729D, 24 months ago",
    "P730D, 2 years ago",
  })
  void age_ofAnImage_isInTheLargestUnitThatFits(Duration age, String words) {
    assertThat(ImagesCommand.age(NOW.minus(age).toString(), NOW)).isEqualTo(words);
  }

  @Test
  void age_inTheFuture_isNow() {
    assertThat(ImagesCommand.age("2031-01-01T00:00:00Z", NOW)).isEqualTo("just now");
  }

  @Test
  void age_withAZoneAndNanoseconds_isUnderstood() {
    assertThat(ImagesCommand.age("2025-05-30T14:00:00.123456789+02:00", NOW))
        .isEqualTo("47 hours ago");
  }

  @Test
  void age_absentOrNoTime_isNotAvailable() {
    assertThat(ImagesCommand.age(null, NOW)).isEqualTo("N/A");
    assertThat(ImagesCommand.age("yesterday", NOW)).isEqualTo("N/A");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0B",
    "999, 999B",
    "1000, 1.00kB",
    "12345, 12.3kB",
    "123456, 123kB",
    "999499, 999kB",
    "999999, 1.00MB",
    "99960, 100kB",
    "9996, 10.0kB",
    "713000000, 713MB",
    "5120000000, 5.12GB",
    "9223372036854775807, 9223372TB",
  })
  void size_inBytes_hasThreeDigitsAndADecimalUnit(long bytes, String text) {
    assertThat(ImagesCommand.size(bytes)).isEqualTo(text);
  }

  @Test
  void table_columns_areAsWideAsTheirWidestCell() {
    assertThat(TextTable.format(List.of(List.of("NAME", "SIZE"), List.of("a-long-name", "1B"))))
        .isEqualTo("NAME          SIZE\na-long-name   1B\n");
  }
}
