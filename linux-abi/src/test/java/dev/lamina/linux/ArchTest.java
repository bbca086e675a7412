package dev.lamina.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

/** Octal as in the kernel's asm/fcntl.h of each architecture. */
class ArchTest {
  @Test
  void x86_64() {
    Arch arch = Arch.of("amd64");
    assertThat(arch).isSameAs(Arch.of("x86_64"));
    assertThat(arch.oDirect).isEqualTo(040000);
    assertThat(arch.oDirectory).isEqualTo(0200000);
    assertThat(arch.oNofollow).isEqualTo(0400000);
    assertThat(arch.sysCopyFileRange).isEqualTo(326);
  }

  @Test
  void aarch64() {
    Arch arch = Arch.of("aarch64");
    assertThat(arch).isSameAs(Arch.of("arm64"));
    assertThat(arch.oDirectory).isEqualTo(040000);
    assertThat(arch.oNofollow).isEqualTo(0100000);
    assertThat(arch.oDirect).isEqualTo(0200000);
    assertThat(arch.sysCopyFileRange).isEqualTo(285);
  }

  @Test
  void anyOther_isRefusedByName() {
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> Arch.of("s390x"))
        .withMessageContaining("s390x");
  }
}
