package dev.lamina.cli.doctor;

import static dev.lamina.cli.doctor.Finding.State.NOTE;
import static dev.lamina.cli.doctor.Finding.State.OK;
import static dev.lamina.cli.doctor.Finding.State.PROBLEM;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.linux.Errno;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FilesystemCheckTest {
  private static final Path PLACE = Path.of("/place");
  private static final long MUCH = 1L << 40;

  /** All can be done but what {@code missing} names. */
  private static FilesystemFacts facts(String type, int errno, String missing) {
    return new FilesystemFacts(
        type,
        "rw",
        errno,
        !missing.contains("trusted"),
        !missing.contains("user"),
        !missing.contains("whiteouts"),
        !missing.contains("exchange"),
        !missing.contains("rename-whiteout"),
        !missing.contains("types"),
        !missing.contains("reflink"),
        !missing.contains("unnamed"),
        !missing.contains("holes"),
        !missing.contains("handles"),
        missing.contains("no-project") ? Optional.of(7) : Optional.of(0),
        missing.contains("long-names") ? 143 : 255,
        missing.contains("space") ? 1 << 20 : MUCH,
        missing.contains("inodes") ? Optional.of(5L) : Optional.empty());
  }

  private static Section judge(FilesystemFacts facts, boolean root) {
    Section section = FilesystemCheck.judge(PLACE, facts, root);
    Sections.requireComplete(section);
    return section;
  }

  @Test
  void judge_aFilesystemThatHasAll_findsNothingToDo() {
    Section section = judge(facts("xfs", 0, ""), true);
    assertThat(section.findings()).allMatch(finding -> finding.state() == OK);
  }

  @ParameterizedTest
  @CsvSource({
    "whiteouts, whiteouts",
    "exchange, atomic renames",
  })
  void judge_whatAWritableLayerNeeds_isAProblemWhereItIsMissing(String missing, String name) {
    Section section = judge(facts("ext4", 0, missing), true);
    assertThat(section.preventsMounts()).as("others can be mounted").isFalse();
    assertThat(Sections.state(section, name)).isEqualTo(PROBLEM);
  }

  @ParameterizedTest
  @CsvSource({
    "rename-whiteout, whiteout renames",
    "trusted, xattrs",
    "trusted user, xattrs",
    "types, d_type",
    "reflink, reflink",
    "unnamed, O_TMPFILE",
    "holes, holes",
    "handles, file handles",
    "no-project, project quota",
    "long-names, name length",
    "space, space",
    "inodes, space",
  })
  void judge_whatAUnionCanDoWithout_isANote(String missing, String name) {
    Section section = judge(facts("ext4", 0, missing), true);
    assertThat(section.hasProblem()).isFalse();
    assertThat(Sections.state(section, name)).isEqualTo(NOTE);
  }

  @ParameterizedTest
  @CsvSource({"tmpfs, NOTE", "overlay, NOTE", "fuse.lamina, NOTE", "nfs4, NOTE", "btrfs, OK"})
  void judge_theKindOfFilesystem_isSaidWithItsPrice(String type, Finding.State state) {
    Section section = judge(facts(type, 0, ""), true);
    assertThat(Sections.state(section, "filesystem")).isEqualTo(state);
  }

  @Test
  void judge_anOrdinaryUsersXattrs_areAlwaysAPrice() {
    assertThat(Sections.state(judge(facts("ext4", 0, "trusted"), false), "xattrs")).isEqualTo(NOTE);
  }

  @Test
  void judge_aPlaceThatCannotBeWritten_saysNothingElse() {
    Section section = judge(facts("ext4", Errno.EROFS, ""), true);
    assertThat(section.hasProblem()).isTrue();
    assertThat(section.preventsMounts()).as("others can be mounted").isFalse();
    assertThat(section.findings()).hasSize(1);
    assertThat(section.findings().get(0).seen()).contains("EROFS");
  }
}
