package dev.lamina.cli;

import static dev.lamina.cli.StateDirectory.isMounted;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lamina.fixtures.mount.MountScratch;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code lamina create}, {@code ps} and {@code rm}. */
final class ContainersIT extends EndToEnd {
  private StateDirectory state;
  private Launcher launcher;
  private String image;
  private Path mnt;

  @BeforeEach
  void makeImage(MountScratch scratch) throws Exception {
    state = new StateDirectory(scratch.root().resolve("state"));
    launcher = state.launcher();
    image = TestImages.small(scratch.root().resolve("image"));
    mnt = scratch.directory("mnt");
  }

  @Test
  void createdContainer_isMountedByItsName() throws Exception {
    assertThat(launcher.lamina("create", image, "--name", "mine").succeeds().line())
        .isEqualTo("mine");
    assertThat(launcher.lamina("diff", "mine").succeeds().out()).isEmpty();
    assertThat(launcher.lamina("mount", "mine", mnt).succeeds().line()).isEqualTo("mine");
    Launcher.sh("echo more >>$1/etc/motd", mnt).succeeds();
    launcher.lamina("umount", "mine").succeeds();
    launcher.lamina("mount", "mine", mnt).succeeds();
    assertThat(mnt.resolve("etc/motd")).hasContent("below\nmore\n");

    CommandResult again = launcher.lamina("create", image, "--name", "mine");
    assertThat(again.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(again.message()).contains("there is a container mine already");
  }

  @Test
  void containerOfAnImageWithALongName_isFoundByItsOwn() throws Exception {
    String longName = "x".repeat(140);
    launcher.lamina("unpack", image).succeeds();
    launcher.lamina("tag", "image:v1", longName).succeeds();
    launcher.lamina("untag", "image:v1", "image:v1").succeeds();
    String container = launcher.lamina("create", longName).succeeds().line();
    assertThat(launcher.lamina("ps", "-q").succeeds().line()).isEqualTo(container);
    launcher.lamina("rm", container).succeeds();
  }

  @Test
  void ps_tellsWhatIsMountedWhere() throws Exception {
    launcher.lamina("create", image, "--name", "idle").succeeds();
    launcher.lamina("mount", image, mnt, "--name", "busy").succeeds();
    assertThat(launcher.lamina("ps", "-q").succeeds().out()).isEqualTo("busy\nidle\n");

    String table = launcher.lamina("ps").succeeds().out();
    assertThat(table).startsWith("NAME   IMAGE").contains("image:v1").contains("not mounted");
    JsonNode rows =
        new ObjectMapper().readTree(launcher.lamina("ps", "--format", "json").succeeds().out());
    assertThat(rows).hasSize(2);
    assertThat(rows.get(0).get("name").textValue()).isEqualTo("busy");
    assertThat(rows.get(0).get("status").textValue()).isEqualTo("mounted");
    assertThat(rows.get(0).get("mountPoint").textValue()).isEqualTo(mnt.toString());
    assertThat(rows.get(1).get("mountPoint").isNull()).isTrue();
  }

  @Test
  void rm_ofAMountedContainer_wantsForce() throws Exception {
    launcher.lamina("mount", image, mnt, "--name", "mine").succeeds();
    CommandResult refused = launcher.lamina("rm", "mine");
    assertThat(refused.status()).isEqualTo(ExitStatus.BUSY);
    assertThat(refused.message()).contains("mounted on " + mnt);
    assertThat(isMounted(mnt)).isTrue();

    assertThat(launcher.lamina("rm", "--force", "mine").succeeds().line()).isEqualTo("mine");
    assertThat(isMounted(mnt)).isFalse();
    state.holdsOnly();
  }

  @Test
  void rm_goesOnAfterOneThatIsAbsent() throws Exception {
    launcher.lamina("create", image, "--name", "one").succeeds();
    CommandResult removed = launcher.lamina("rm", "none", "one");
    assertThat(removed.status()).isEqualTo(ExitStatus.NOT_FOUND);
    assertThat(removed.message()).contains("no container \"none\"");
    assertThat(removed.out()).isEqualTo("one\n");
    state.holdsOnly();
    launcher.lamina("rm", "--force", "none").succeeds();
  }

  @Test
  void rmOfOneWhoseServerDied_leavesAnotherThatIsMountedThereNow() throws Exception {
    launcher.lamina("mount", image, mnt, "--name", "dead").succeeds();
    JsonNode rows =
        new ObjectMapper().readTree(launcher.lamina("ps", "--format", "json").succeeds().out());
    long server = rows.get(0).get("pid").asLong();
    Launcher.sh("kill -9 $1", server).succeeds();
    StateDirectory.await("the server is gone", () -> !Servers.isRunning(server));
    launcher.lamina("mount", image, mnt, "--name", "living").succeeds();

    assertThat(launcher.lamina("umount", "dead").status()).isEqualTo(ExitStatus.NOT_FOUND);
    assertThat(isMounted(mnt)).isTrue();
    launcher.lamina("rm", "--force", "dead").succeeds();
    assertThat(isMounted(mnt)).isTrue();
    launcher.lamina("umount", mnt).succeeds();
    assertThat(launcher.lamina("ps").succeeds().out()).contains("living", "not mounted");
  }

  @Test
  void readOnlyMountOfAWritableContainer_isRefused() throws Exception {
    launcher.lamina("create", image, "--name", "mine").succeeds();
    CommandResult refused = launcher.lamina("mount", "--read-only", "mine", mnt);
    assertThat(refused.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(refused.message()).contains("container mine is writable");
    assertThat(isMounted(mnt)).isFalse();
  }

  @Test
  void newContainer_hasNothingOfARemovalThatWasCutShort() throws Exception {
    launcher.lamina("create", image, "--name", "mine").succeeds();
    Path home = state.root().resolve("containers/mine");
    Launcher.sh("echo secret >$1/upper/left; rm $1/container.json", home).succeeds();
    launcher.lamina("create", image, "--name", "mine").succeeds();
    assertThat(launcher.lamina("diff", "mine").succeeds().out()).isEmpty();

    Launcher.sh("rm -r $1/upper", home).succeeds();
    launcher.lamina("rm", "mine").succeeds();
    state.holdsOnly();
  }
}
