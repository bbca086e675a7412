package dev.lamina.cli;

import static dev.lamina.cli.StateDirectory.isMounted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresPodman;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code lamina run} and {@code lamina bundle}, with runc. */
@RequiresPodman // for runc
final class RunIT extends EndToEnd {
  /** The layout's directory and tag. */
  private static final String IMAGE = "image:demo";

  private StateDirectory state;
  private Launcher launcher;
  private String image;

  @BeforeEach
  void makeImage(MountScratch scratch) throws Exception {
    state = new StateDirectory(scratch.root().resolve("state"));
    launcher = state.launcher();
    image = HostImage.build(scratch.directory("host"));
    launcher.lamina("unpack", image).succeeds();
  }

  private String containers() throws Exception {
    return launcher.lamina("ps", "-q").succeeds().out();
  }

  @Test
  void run_givesOutputAndStatus_andLeavesNothing() throws Exception {
    String script = "id -u; cat /etc/motd; echo $A $B; echo x >/x; exit 7";
    CommandResult result =
        launcher
            .with("B", "from outside")
            .lamina("run", "--rm", "-e", "A=a", "-e", "B", IMAGE, "sh", "-c", script);
    result.exits(7);
    assertThat(result.out()).isEqualTo("0\nthe third layer\na from outside\n");
    assertThat(containers()).isEmpty();
    // The image's own command, without input.
    launcher.lamina("run", "--rm", IMAGE).succeeds();
  }

  @Test
  void run_keepsWhatWasWritten() throws Exception {
    launcher
        .lamina("run", "--name", "kept", "-u", "12:34", "-w", "/tmp", IMAGE, "touch", "made")
        .succeeds();
    assertThat(launcher.lamina("diff", "kept").succeeds().out()).contains("A /tmp/made");
    assertThat(containers()).isEqualTo("kept\n");
    CommandResult again = launcher.lamina("run", "--name", "kept", IMAGE);
    again.exits(ExitStatus.FAILED);
    assertThat(again.err()).contains("there is a container kept already");
  }

  @Test
  void run_userThatIsNotThere_isRefusedBeforeAnythingIsMade() throws Exception {
    CommandResult result = launcher.lamina("run", "-u", "nobody", IMAGE);
    result.exits(ExitStatus.NOT_FOUND);
    assertThat(result.err()).contains("the user of \"nobody\" is not in the image's /etc/passwd");
    assertThat(containers()).isEmpty();
  }

  @Test
  void run_runtimeThatIsNotThereOrNoProgram_isOneLine_andNothingIsMade(MountScratch scratch)
      throws Exception {
    CommandResult absent = launcher.lamina("run", "--runtime", "nope", IMAGE);
    absent.exits(ExitStatus.FAILED);
    assertThat(absent.message()).contains("no OCI runtime nope");
    Path text = Files.writeString(scratch.root().resolve("text"), "#!/nowhere\n");
    Launcher.sh("chmod +x $1", text).succeeds();
    CommandResult broken = launcher.lamina("run", "--runtime", text, IMAGE);
    broken.exits(ExitStatus.FAILED);
    assertThat(broken.message()).contains("cannot run " + text + ": No such file or directory");
    assertThat(containers()).isEmpty();
    state.holdsOnly();
  }

  @Test
  void bundle_inADirectoryThatIsNotEmpty_isRefused_andLeavesItAsItWas(MountScratch scratch)
      throws Exception {
    Path home = scratch.directory("home");
    Files.writeString(home.resolve("letter"), "x");
    CommandResult refused = launcher.lamina("bundle", IMAGE, home);
    refused.exits(ExitStatus.FAILED);
    assertThat(refused.message()).contains(home.resolve("letter") + " is there already");
    assertThat(home.resolve("rootfs")).doesNotExist();
    assertThat(containers()).isEmpty();
  }

  @Test
  void run_toldToEnd_endsTheContainerAndPutsAllAway() throws Exception {
    ChildProcess run =
        launcher.startLamina("run", "--rm", "--name", "long", IMAGE, "sleep", "1000");
    StateDirectory.await(
        "the container runs",
        () -> Launcher.sh("runc state lamina-long || true").out().contains("\"running\""));
    run.signal("TERM");
    run.await().exits(143);
    assertThat(containers()).isEmpty();
    assertThat(Launcher.sh("runc list -q").succeeds().out()).doesNotContain("lamina-long");
  }

  @Test
  void bundle_isRunByRunc(MountScratch scratch) throws Exception {
    Path bundle = scratch.root().resolve("bundle");
    launcher
        .lamina("bundle", "--name", "web", IMAGE, bundle, "sh", "-c", "echo $HOSTNAME; echo >/x")
        .succeeds();
    assertThat(isMounted(bundle.resolve("rootfs"))).isTrue();
    assertThat(Launcher.sh("runc run -b $1 lamina-it-bundle", bundle).succeeds().out())
        .isEqualTo("web\n");
    // (runc makes the directories that it mounts on.)
    assertThat(launcher.lamina("diff", "web").succeeds().out()).contains("A /x\n");
    launcher.lamina("umount", "web").succeeds();
    launcher.lamina("rm", "web").succeeds();
    CommandResult again = launcher.lamina("bundle", IMAGE, bundle);
    again.exits(ExitStatus.FAILED);
    assertThat(again.err()).contains("config.json is there already");
    assertThat(containers()).isEmpty();
    assertThat(Files.exists(bundle.resolve("config.json"))).isTrue();
  }
}
