package dev.lamina.cli.doctor;

import static dev.lamina.cli.doctor.Finding.State.NOTE;
import static dev.lamina.cli.doctor.Finding.State.OK;
import static dev.lamina.cli.doctor.Finding.State.PROBLEM;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Host, rights, state and mounts, from facts that are made up. */
final class OtherChecksTest {
  private static final Path ROOT = Path.of("/state");

  private static Section host(boolean inflater, long descriptors, long memory) {
    Section section =
        HostCheck.judge(
            new HostCheck.Facts(
                "6.1.0",
                Optional.of("podman"),
                "17",
                "/jdk",
                inflater,
                false,
                false,
                1024,
                descriptors,
                memory));
    Sections.requireComplete(section);
    return section;
  }

  @Test
  void host_whatIsScarce_isNoted() {
    Section scarce = host(false, 1024, 100 << 20);
    for (String name : List.of("isal", "descriptors", "memory")) {
      assertThat(Sections.state(scarce, name)).as(name).isEqualTo(NOTE);
    }
    Section plenty = host(true, -1, 1L << 40);
    assertThat(plenty.findings()).allMatch(finding -> finding.state() == OK);
    assertThat(Sections.find(plenty, "kernel").seen()).contains("6.1.0", "podman");
  }

  private static Section rights(
      int uid, boolean hostRoot, boolean admin, long ids, boolean mappers) {
    Section section =
        RightsCheck.judge(new RightsCheck.Facts(uid, hostRoot, admin, ids > 0, ids, ids, mappers));
    Sections.requireComplete(section);
    return section;
  }

  @Test
  void rights_rootOfTheHost_hasNoPriceToPay() {
    assertThat(Sections.state(rights(0, true, true, 0, false), "user")).isEqualTo(OK);
    assertThat(Sections.state(rights(0, true, false, 0, false), "user")).isEqualTo(NOTE);
    assertThat(Sections.find(rights(0, false, false, 0, false), "user").seen())
        .contains("user namespace");
  }

  @Test
  void rights_anOrdinaryUser_learnsOfNamespacesAndSubordinateIds() {
    Section without = rights(1000, false, false, 0, false);
    assertThat(Sections.state(without, "user namespaces")).isEqualTo(NOTE);
    assertThat(Sections.state(without, "subordinate ids")).isEqualTo(NOTE);
    assertThat(Sections.find(rights(1000, false, false, 65536, false), "subordinate ids").remedy())
        .contains("apt-get install uidmap");
    assertThat(Sections.state(rights(1000, false, false, 65536, true), "subordinate ids"))
        .isEqualTo(OK);
  }

  @Test
  void subordinateIds_areCountedByNameAndByNumber() {
    List<String> lines =
        List.of("# x", "anna:100000:65536", "1000:300000:10", "bob:200000:1", "anna:a:b", "");
    assertThat(RightsCheck.count(lines, "anna", 1000)).isEqualTo(65546);
    assertThat(RightsCheck.count(lines, "carl", 1001)).isZero();
  }

  @Test
  void state_aStoreThatCannotBeOpened_isAProblemButMountsWork() {
    Section section =
        StoreCheck.judge(
            new StoreCheck.Facts(ROOT, true, Optional.empty(), "denied", Optional.empty(), false));
    Sections.requireComplete(section);
    assertThat(Sections.state(section, "store")).isEqualTo(PROBLEM);
    assertThat(Sections.state(section, "runtime directory")).isEqualTo(NOTE);
    assertThat(section.preventsMounts()).isFalse();
  }

  @Test
  void state_noStoreYet_isAsItShouldBe() {
    Section section =
        StoreCheck.judge(
            new StoreCheck.Facts(ROOT, false, Optional.of(0), "", Optional.of(ROOT), true));
    assertThat(section.findings()).allMatch(finding -> finding.state() == OK);
  }

  @Test
  void mounts_whoseServersDoNotAnswer_areProblems() {
    Section section =
        DeadMounts.judge(
            List.of(
                new DeadMounts.Facts(Path.of("/a"), DeadMounts.Answer.SERVED),
                new DeadMounts.Facts(Path.of("/b"), DeadMounts.Answer.DEAD),
                new DeadMounts.Facts(Path.of("/c"), DeadMounts.Answer.SILENT),
                new DeadMounts.Facts(Path.of("/d"), DeadMounts.Answer.UNKNOWN)));
    Sections.requireComplete(section);
    assertThat(Sections.find(section, "dead mount").remedy().orElseThrow()).contains("umount /b");
    assertThat(Sections.state(section, "silent mount")).isEqualTo(PROBLEM);
    assertThat(Sections.state(section, "mount")).isEqualTo(NOTE);
    assertThat(Sections.find(section, "mounts").seen()).startsWith("1 of Lamina's 4 ");
    Section none = DeadMounts.judge(List.of());
    Sections.requireComplete(none);
    assertThat(Sections.find(none, "mounts").seen()).isEqualTo("none of Lamina's");
  }
}
