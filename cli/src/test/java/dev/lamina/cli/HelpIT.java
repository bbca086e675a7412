package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Help is a result: on standard output, with status 0. */
final class HelpIT extends EndToEnd {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "unpack --help",
        "pull --help",
        "push --help",
        "images --help",
        "mount --help",
        "umount --help",
        "diff --help",
        "create --help",
        "ps --help",
        "stats --help",
        "rm --help",
        "commit --help",
        "save --help",
        "tag --help",
        "untag --help",
        "rmi --help",
        "gc --help",
        "verify --help",
        "system --help",
        "system df --help",
        "history --help",
        "inspect --help",
        "layers --help",
        "ls --help",
        "cat --help",
        "export --help",
        "report --help",
        "demo --help",
        "doctor --help",
        "help mount"
      })
  void lamina_help_isPrinted(String arguments, MountScratch scratch) throws Exception {
    CommandResult help =
        Launcher.withRoot(scratch.root().resolve("state"))
            .lamina((Object[]) arguments.split(" ", -1))
            .succeeds();
    assertThat(help.out()).startsWith("Usage: lamina");
    assertThat(help.err()).isEmpty();
    assertThat(scratch.root()).isEmptyDirectory();
  }

  @Test
  void fuseLamina_help_isPrinted(MountScratch scratch) throws Exception {
    CommandResult help = Launcher.withRoot(scratch.root()).fuseLamina("--help").succeeds();
    assertThat(help.out())
        .startsWith("Usage: fuse-lamina")
        .contains("lowerdir=", "[SOURCE] MOUNTPOINT\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lamina", "fuse-lamina"})
  void version_isThatOfTheBuild(String name, MountScratch scratch) throws Exception {
    Launcher launcher = Launcher.withRoot(scratch.root());
    CommandResult version =
        name.equals("lamina") ? launcher.lamina("--version") : launcher.fuseLamina("--version");
    assertThat(version.succeeds().line()).matches("lamina \\d+\\.\\d+.*");
  }

  @Test
  void lamina_noCommand_isAUsageError(MountScratch scratch) throws Exception {
    Launcher launcher = Launcher.withRoot(scratch.root().resolve("state"));
    assertThat(launcher.lamina().exits(2).message()).contains("lamina --help");
  }
}
