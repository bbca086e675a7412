package dev.lamina.overlay.format;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LinkCountTest {
  @Test
  void encode_writesLetterSignAndDifference() {
    assertThat(LinkCount.relativeToUpper(3, 1)).asString(US_ASCII).isEqualTo("U+2");
    assertThat(LinkCount.relativeToUpper(2, 2)).asString(US_ASCII).isEqualTo("U+0");
    assertThat(LinkCount.relativeToUpper(1, 2)).asString(US_ASCII).isEqualTo("U-1");
    assertThat(LinkCount.relativeToLower(3, 3)).asString(US_ASCII).isEqualTo("L+0");
    assertThat(LinkCount.relativeToLower(1, 3)).asString(US_ASCII).isEqualTo("L-2");
  }

  /** For an inode with 2 links in the upper and 5 in the lower. */
  @ParameterizedTest
  @CsvSource({"U+1, 3", "U-1, 1", "L-1, 4", "L+0, 5"})
  void decode_addsTheDifference(String value, int names) {
    assertThat(LinkCount.decode(value.getBytes(US_ASCII), 2, 5)).isEqualTo(names);
  }

  @ParameterizedTest
  @CsvSource({"X5", "U", "U+", "U1", "U+x", "U-2", "U-9", "L-5", "U+2147483647", "U+99999999999"})
  void decode_ofWhatMakesNoSense_isTheUppersOwnCount(String value) {
    assertThat(LinkCount.decode(value.getBytes(US_ASCII), 2, 5)).isEqualTo(2);
    assertThat(LinkCount.decode(null, 2, 5)).isEqualTo(2);
  }

  @Test
  void decode_indexAloneAndNoName_isNone() {
    assertThat(LinkCount.decode("U-1".getBytes(US_ASCII), 1, 5)).isZero();
  }
}
