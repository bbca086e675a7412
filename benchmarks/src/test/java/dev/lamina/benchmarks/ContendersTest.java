package dev.lamina.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class ContendersTest {
  @Test
  void unknownNames_areRefusedWithTheKnownOnes() {
    assertThatThrownBy(() -> Contenders.of("aufs", "lamina"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "aufs: no such system; there are plain, kernel, fuse-overlayfs, unionfs-fuse and lamina");
  }

  @Test
  void optionsOfOthers_areRefused() {
    assertThatThrownBy(() -> Contenders.of("kernel:metacopy=off", "lamina"))
        .hasMessage("kernel:metacopy=off: only lamina takes options");
  }

  @Test
  void programThatIsNotInstalled_isAbsentWithTheReason() {
    assertThat(Contenders.of("lamina", "/nowhere/lamina").absent())
        .hasValueSatisfying(why -> assertThat(why).isNotEmpty());
  }
}
