package dev.lamina.cli.doctor;

import static dev.lamina.cli.doctor.Finding.State.NOTE;
import static dev.lamina.cli.doctor.Finding.State.OK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fuse.KernelFeatures;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TrialMountTest {
  private static Section judge(KernelFeatures features, boolean passes, Optional<Boolean> uring) {
    Section section =
        TrialMount.judge(
            new TrialMount.Facts(Optional.empty(), false, Optional.of(features), passes, uring));
    Sections.requireComplete(section);
    return section;
  }

  @Test
  void judge_aNewKernelAndRoot_findsNothingToDo() {
    Section section =
        judge(new KernelFeatures(45, true, false, true, true), true, Optional.of(true));
    assertThat(section.findings()).allMatch(finding -> finding.state() == OK);
    assertThat(Sections.find(section, "mount").effect()).contains("7.45");
  }

  @Test
  void judge_passthroughThatIsAgreedButNotUsed_isNotCalledOne() {
    Section section =
        judge(new KernelFeatures(45, true, false, true, true), false, Optional.of(true));
    assertThat(Sections.state(section, "passthrough")).isEqualTo(NOTE);
  }

  @Test
  void judge_ioUring_saysWhyNot() {
    KernelFeatures without = new KernelFeatures(42, true, false, true, false);
    Finding off = Sections.find(judge(without, true, Optional.of(false)), "io_uring");
    assertThat(off.remedy()).hasValueSatisfying(to -> assertThat(to).contains("io_uring=on"));
    Finding refused = Sections.find(judge(without, true, Optional.of(true)), "io_uring");
    assertThat(refused.remedy()).hasValueSatisfying(to -> assertThat(to).contains("seccomp"));
    Finding old = Sections.find(judge(without, true, Optional.empty()), "io_uring");
    assertThat(old.seen()).contains("6.14");
    assertThat(old.remedy()).isEmpty();
  }

  @Test
  void judge_aRefusedMount_preventsMounts() {
    Section section =
        TrialMount.judge(
            new TrialMount.Facts(
                Optional.of("/dev/fuse: gone"), false, Optional.empty(), false, Optional.empty()));
    assertThat(section.preventsMounts()).isTrue();
    assertThat(section.findings().get(0).seen()).isEqualTo("/dev/fuse: gone");
  }
}
