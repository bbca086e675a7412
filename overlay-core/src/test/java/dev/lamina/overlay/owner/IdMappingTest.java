package dev.lamina.overlay.owner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdMappingTest {
  private final IdMapping mapping = IdMapping.parse("0:1000:1:1:100000:65536");

  @ParameterizedTest
  @CsvSource({"0, 1000", "1, 100000", "33, 100032", "65536, 165535"})
  void ids_mapBothWays(int stored, int shown) {
    assertThat(mapping.shown(stored)).isEqualTo(shown);
    assertThat(mapping.stored(shown)).isEqualTo(stored);
  }

  @Test
  void ids_withoutCounterpart_areNobodys() {
    assertThat(mapping.shown(65537)).isEqualTo(65534);
    assertThat(mapping.shown(-2)).isEqualTo(65534);
    assertThat(mapping.stored(0)).isEqualTo(-1);
    assertThat(mapping.stored(1001)).isEqualTo(-1);
    assertThat(mapping.stored(165536)).isEqualTo(-1);
  }

  @Test
  void ids_areUnsigned() {
    IdMapping high = IdMapping.parse("0:4294901760:65535");
    assertThat(high.shown(7)).isEqualTo((int) 4294901767L);
    assertThat(high.stored((int) 4294901767L)).isEqualTo(7);
    assertThat(IdMapping.parse("0:0:4294967295").shown(-2)).isEqualTo(-2);
  }

  @Test
  void rangesMayBeSeparatedByCommas() {
    assertThat(IdMapping.parse("0:5:1,1:10:2").shown(2)).isEqualTo(11);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "0:1",
        "0:1:2:3",
        "0:1:x",
        "0:1:",
        "-1:1:1",
        "0:0:0",
        "0:4294967295:1",
        "1:0:4294967295",
        "0:0:99999999999",
        "0:100:10:5:200:10",
        "0:100:10:50:105:10"
      })
  void mapping_thatMakesNoSense_isRefused(String text) {
    assertThatThrownBy(() -> IdMapping.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
