package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.linux.Stat;
import dev.lamina.overlay.owner.OwnerRecords;
import dev.lamina.overlay.owner.Ownership;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OwnerArgumentsTest {
  private static OwnerArguments parse(String options) throws CommandFailure {
    OwnerArguments arguments = new OwnerArguments();
    for (OverlayArguments.Option option : OverlayArguments.parse(options)) {
      assertThat(arguments.take(option)).isTrue();
    }
    return arguments;
  }

  /** How {@code options} show a file of 5:6. */
  private static String shown(String options) throws CommandFailure {
    Ownership ownership = parse(options).ownership();
    Stat stat = new Stat();
    stat.uid = 5;
    stat.gid = 6;
    ownership.show(stat);
    return stat.uid + ":" + stat.gid;
  }

  @Test
  void owners_areMappedAndSquashed() throws Exception {
    assertThat(shown("")).isEqualTo("5:6");
    assertThat(shown("uidmapping=0:1000:10")).isEqualTo("1005:6");
    assertThat(shown("uidmapping=0:1000:1:5:7:1,gidmapping=0:1000:1")).isEqualTo("7:65534");
    assertThat(shown("squash_to_root")).isEqualTo("0:0");
    assertThat(shown("squash_to_uid=9")).isEqualTo("9:6");
  }

  @Test
  void squashToIds_winOverRoot_inAnyOrder() throws Exception {
    assertThat(shown("squash_to_uid=9,squash_to_root")).isEqualTo("9:0");
    assertThat(shown("squash_to_root,squash_to_gid=9")).isEqualTo("0:9");
  }

  @Test
  void records_areChosenByNumber() throws Exception {
    assertThat(parse("xattr_permissions=1").records()).isSameAs(OwnerRecords.PRIVILEGED);
    assertThat(parse("xattr_permissions=2").records()).isSameAs(OwnerRecords.ORDINARY);
    assertThat(parse("").records()).isSameAs(OwnerRecords.NONE);
  }

  @Test
  void otherOptions_areLeft() throws Exception {
    assertThat(new OwnerArguments().take(new OverlayArguments.Option("ro", null))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "uidmapping=",
        "gidmapping=0:0",
        "squash_to_uid=-1",
        "squash_to_uid=4294967295",
        "squash_to_gid=",
        "xattr_permissions=x"
      })
  void nonsense_isRefused(String option) {
    assertThatThrownBy(() -> parse(option).ownership()).isInstanceOf(CommandFailure.class);
  }
}
