package dev.lamina.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.linux.Errno;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FuseCheckTest {
  private static final Optional<Path> HELPER = Optional.of(Path.of("/usr/bin/fusermount3"));

  private static Section judge(
      int errno, boolean root, Optional<Path> helper, boolean setuid, boolean allowOther) {
    Section section =
        FuseCheck.judge(new FuseCheck.Facts(errno, root, helper, "3.14", setuid, allowOther));
    Sections.requireComplete(section);
    return section;
  }

  @Test
  void judge_anOrdinaryUserWithAllHeNeeds_findsNothingToDo() {
    Section section = judge(0, false, HELPER, true, true);
    assertThat(section.findings()).allMatch(finding -> finding.state() == Finding.State.OK);
    assertThat(section.preventsMounts()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      ints = {Errno.ENOENT, Errno.EACCES, Errno.EPERM, Errno.ENODEV, Errno.ENXIO, Errno.EIO})
  void judge_aDeviceThatCannotBeOpened_preventsMounts(int errno) {
    Section section = judge(errno, true, HELPER, true, true);
    assertThat(section.preventsMounts()).isTrue();
    assertThat(Sections.find(section, "device").remedy()).isPresent();
  }

  @Test
  void judge_noFusermount_isAProblemOfOrdinaryUsersAlone() {
    Section user = judge(0, false, Optional.empty(), false, false);
    assertThat(user.preventsMounts()).isTrue();
    assertThat(Sections.find(user, "fusermount3").remedy()).contains("apt-get install fuse3");
    assertThat(judge(0, true, Optional.empty(), false, false).preventsMounts()).isFalse();
  }

  @Test
  void judge_aFusermountThatIsNotSetuid_isAProblemOfOrdinaryUsersAlone() {
    assertThat(judge(0, false, HELPER, false, true).preventsMounts()).isTrue();
    Section root = judge(0, true, HELPER, false, true);
    assertThat(Sections.state(root, "fusermount3")).isEqualTo(Finding.State.NOTE);
  }

  @Test
  void judge_noUserAllowOther_isNotedForOrdinaryUsers() {
    assertThat(Sections.state(judge(0, false, HELPER, true, false), "allow_other"))
        .isEqualTo(Finding.State.NOTE);
    assertThat(Sections.state(judge(0, true, HELPER, true, false), "allow_other"))
        .isEqualTo(Finding.State.OK);
  }
}
