package dev.lamina.cli;

import static dev.lamina.cli.StateDirectory.isMounted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresLibfuse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code transport=libfuse} of the commands; what such a mount can do the seam's tests show. */
@RequiresLibfuse
final class LibfuseIT extends EndToEnd {
  private Path here;
  private Launcher launcher;
  private Path mnt;
  private String layers;

  @BeforeEach
  void makeLayers(MountScratch scratch) throws IOException {
    here = scratch.root();
    launcher = Launcher.withRoot(here.resolve("root"));
    mnt = scratch.directory("mnt");
    Path lower = scratch.directory("lower");
    Files.writeString(lower.resolve("file"), "content\n");
    layers =
        "lowerdir="
            + lower
            + ",upperdir="
            + scratch.directory("upper")
            + ",workdir="
            + scratch.directory("work");
  }

  @Test
  void fuseLamina_serves() throws Exception {
    launcher.fuseLamina("-o", layers + ",transport=libfuse", mnt).succeeds();
    Launcher.sh("cd $1; cat file; echo more >>file; echo new >new", mnt).succeeds();
    assertThat(here.resolve("upper/new")).hasContent("new\n");
    assertThat(launcher.lamina("stats", mnt).succeeds().out()).contains("requests over libfuse\n");
    Launcher.sh("umount $1", mnt).succeeds();
    StateDirectory.await("the server has ended", () -> ServerProcesses.of(here).isEmpty());
  }

  @Test
  void mountAndUmount_waitForTheServer() throws Exception {
    String source = TestImages.small(here.resolve("image"));
    launcher.lamina("mount", source, mnt, "--name", "web", "-o", "transport=libfuse").succeeds();
    Files.writeString(mnt.resolve("new"), "new");
    launcher.lamina("umount", "web").succeeds();
    assertThat(isMounted(mnt)).isFalse();
    assertThat(ServerProcesses.of(here)).isEmpty();
    assertThat(launcher.lamina("diff", "web").succeeds().out()).contains("A /new\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"io_uring=on", "passthrough=all", "writeback=on"})
  void whatLibfuseHasNot_isAMistakeOfTheCaller(String option) throws Exception {
    CommandResult result = launcher.fuseLamina("-o", layers + ",transport=libfuse," + option, mnt);
    assertThat(result.exits(ExitStatus.USAGE).message())
        .contains("there is no " + option + " with transport=libfuse");
    assertThat(isMounted(mnt)).isFalse();
  }

  @Test
  void transportOfAnUnknownKind_isAMistakeOfTheCaller() throws Exception {
    CommandResult result = launcher.fuseLamina("-o", layers + ",transport=pigeon", mnt);
    assertThat(result.exits(ExitStatus.USAGE).message())
        .contains("transport= is kernel or libfuse, not pigeon");
  }

  @Test
  void missingLibrary_isNamedWithItsPackage() throws Exception {
    CommandResult result =
        Launcher.sh(
            """
            library=$(readlink -f "$(ldconfig -p | sed -n 's/.*libfuse[.]so[.]2 .*=> //p' | head -n 1)")
            unshare --mount sh -c 'mount --bind /dev/null "$1"; exec "$2" -o "$3" "$4"' \\
              sh "$library" "$1/fuse-lamina" "$2" "$3"
            """,
            Launcher.CLONE,
            layers + ",transport=libfuse",
            mnt);
    assertThat(result.exits(ExitStatus.NO_FUSE).message())
        .contains("no libfuse.so.2 (Debian package libfuse2)")
        .doesNotContain("\n");
  }

  @Test
  void otherMounts_loadNothingOfIt() throws Exception {
    Path log = here.resolve("classes");
    launcher
        .with("LAMINA_JVM_OPTS", "-Xlog:class+load:file=" + log)
        .fuseLamina("-o", layers, mnt)
        .succeeds();
    assertThat(Files.readString(log))
        .contains("dev.lamina.fuse.session.Worker")
        .doesNotContain("dev.lamina.fuse.libfuse", "ru.serce", "jnr.posix", "jnr.constants");
  }
}
