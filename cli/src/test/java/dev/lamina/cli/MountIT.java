package dev.lamina.cli;

import static dev.lamina.cli.StateDirectory.isMounted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code lamina mount}, {@code diff} and {@code umount}, as a person uses them. */
final class MountIT extends EndToEnd {
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
  void mount_whenItReturns_isLiveAndPrintsTheNameAlone() throws Exception {
    CommandResult mounted = launcher.lamina("mount", image, mnt).succeeds();

    assertThat(mnt.resolve("etc/motd")).hasContent("below\n");
    assertThat(mounted.line()).isEqualTo(state.container(mounted.line()).name());
    assertThat(mounted.messages()).isEmpty();
    assertThat(mounted.err().lines()).as("progress").hasSize(2);
  }

  @Test
  void mount_again_keepsChanges() throws Exception {
    launcher.lamina("mount", image, mnt, "--name", "mine").succeeds();
    Launcher.sh("cd $1; echo more >>etc/motd; rm etc/group; mkdir new; echo x >new/x", mnt)
        .succeeds();
    CommandResult diff = launcher.lamina("diff", "mine").succeeds();
    assertThat(diff.out().lines())
        .containsExactlyInAnyOrder("C /etc", "C /etc/motd", "D /etc/group", "A /new", "A /new/x");
    assertThat(launcher.lamina("diff", mnt).succeeds().out()).isEqualTo(diff.out());

    launcher.lamina("umount", "mine").succeeds();
    assertThat(mnt).isEmptyDirectory();
    assertThat(launcher.lamina("diff", "mine").succeeds().out()).isEqualTo(diff.out());

    launcher.lamina("mount", image, mnt, "--name", "mine").succeeds();
    assertThat(mnt.resolve("etc/motd")).hasContent("below\nmore\n");
    assertThat(mnt.resolve("etc/group")).doesNotExist();
    assertThat(mnt.resolve("new/x")).hasContent("x\n");
    launcher.lamina("umount", mnt).succeeds();
    state.holdsOnly("mine");
  }

  @Test
  void mount_imageOfTheStore_isFoundByNameAndId() throws Exception {
    String id = launcher.lamina("unpack", image).succeeds().line();
    String name = launcher.lamina("mount", "image:v1", mnt).succeeds().line();
    assertThat(name).startsWith("image-");
    launcher.lamina("umount", name).succeeds();

    String start = id.substring("sha256:".length()).substring(0, 12);
    launcher.lamina("mount", start, mnt, "--name", "by-id").succeeds();
    assertThat(mnt.resolve("srv/data")).hasContent("data\n");
  }

  @Test
  void mount_rootOptionBeforeTheCommand_detachesToo() throws Exception {
    Path other = state.root().resolveSibling("other");
    launcher.lamina("--root", other, "mount", image, mnt).succeeds();
    assertThat(mnt.resolve("srv/data")).hasContent("data\n");
    assertThat(state.root()).doesNotExist();
  }

  @Test
  void mount_nameThatIsNotAscii_worksInAnyLocale(MountScratch scratch) throws Exception {
    Path there = scratch.directory("m\u00fcnt");
    launcher.with("LC_ALL", "C").lamina("mount", image, there, "--name", "x").succeeds();
    assertThat(Files.readString(there.resolve("srv/data"))).isEqualTo("data\n");
    launcher.with("LC_ALL", "C").lamina("umount", there).succeeds();
  }

  @Test
  void mount_umaskOfItsCaller_isNotThatOfTheMountsUsers() throws Exception {
    launcher.through("sh", "-c", "umask 077; exec \"$@\"", "sh").lamina("mount", image, mnt);
    Launcher.sh("umask 022; touch $1/f; mkdir $1/d", mnt).succeeds();
    assertThat(Launcher.sh("stat -c %a $1/f $1/d", mnt).succeeds().out()).isEqualTo("644\n755\n");
  }

  @Test
  void mount_readOnly_givesErofsAndLeavesNoContainer() throws Exception {
    String name = launcher.lamina("mount", "--read-only", image, mnt).succeeds().line();
    CommandResult touch = Launcher.sh("touch $1/etc/motd", mnt);
    assertThat(touch.status()).isNotZero();
    assertThat(touch.err()).contains("Read-only file system");
    assertThat(launcher.lamina("diff", name).succeeds().out()).isEmpty();

    launcher.lamina("umount", mnt).succeeds();
    state.holdsOnly();
  }

  @Test
  void mount_nameOfAnotherImage_isRefused(MountScratch scratch) throws Exception {
    launcher.lamina("mount", image, mnt, "--name", "taken").succeeds();
    launcher.lamina("umount", "taken").succeeds();
    String other = TestImages.everything(scratch.root().resolve("other"));

    String message = launcher.lamina("mount", other, mnt, "--name", "taken").exits(1).message();
    assertThat(message).contains("container taken stands on image");
    assertThat(isMounted(mnt)).isFalse();
  }

  @Test
  void mount_nameInAnotherMode_isRefused() throws Exception {
    launcher.lamina("mount", image, mnt, "--name", "writable").succeeds();
    launcher.lamina("umount", "writable").succeeds();
    CommandResult again =
        launcher.lamina("mount", image, mnt, "--name", "writable", "--read-only").exits(1);
    assertThat(again.message()).endsWith("container writable is writable");
    assertThat(isMounted(mnt)).isFalse();
    state.holdsOnly("writable");
  }

  @Test
  void mount_containerThatIsMounted_isRefusedAndStays(MountScratch scratch) throws Exception {
    launcher.lamina("mount", image, mnt, "--name", "busy").succeeds();
    Path elsewhere = scratch.directory("elsewhere");
    String message =
        launcher.lamina("mount", image, elsewhere, "--name", "busy").exits(6).message();
    assertThat(message).contains("busy");
    assertThat(state.container("busy").mountPoint()).isEqualTo(mnt.toString());
    Launcher.sh("echo alive >$1/alive", mnt).succeeds();
  }

  @Test
  void umount_busyMount_isRefusedUnlessLazy() throws Exception {
    launcher.lamina("mount", image, mnt, "--name", "busy").succeeds();
    ChildProcess user =
        ChildProcess.start(
            List.of("sh", "-c", "cd \"$0\" && exec sleep 60", mnt.toString()), Map.of());
    try {
      Path cwd = Path.of("/proc", Long.toString(user.pid()), "cwd");
      StateDirectory.await("the user is in it", () -> Files.readSymbolicLink(cwd).equals(mnt));
      assertThat(launcher.lamina("umount", mnt).exits(6).message()).contains(mnt + " is in use");
      assertThat(mnt.resolve("srv/data")).hasContent("data\n");

      ChildProcess lazy = launcher.startLamina("umount", "--lazy", "busy");
      StateDirectory.await("it is out of sight", () -> !isMounted(mnt));
      user.kill();
      lazy.await().succeeds();
    } finally {
      user.kill();
    }
    assertThat(state.container("busy").mountPoint()).isNull();
  }

  @Test
  void umount_nothingMounted_isNotFound() throws Exception {
    assertThat(launcher.lamina("umount", mnt).exits(3).message()).contains(mnt.toString());
    assertThat(launcher.lamina("umount", "nobody").exits(3).message()).contains("nobody");
  }

  @Test
  void server_toldToEnd_unmountsAndNotesIt() throws Exception {
    launcher.lamina("mount", image, mnt, "--name", "x").succeeds();
    long server = state.container("x").server();
    Launcher.sh("echo kept >$1/kept; kill -TERM $2", mnt, server).succeeds();
    StateDirectory.await("the server has ended", () -> !Servers.isRunning(server));
    assertThat(isMounted(mnt)).isFalse();
    assertThat(state.container("x").mountPoint()).isNull();
    assertThat(launcher.lamina("diff", "x").succeeds().out()).isEqualTo("A /kept\n");
  }

  @Test
  void mount_tenContainersOfOneImage_shareItsLayers(MountScratch scratch) throws Exception {
    String big = TestImages.everything(scratch.root().resolve("big"));
    launcher.lamina("unpack", big).succeeds();
    List<ChildProcess> starting = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Path there = scratch.directory("mnt" + i);
      starting.add(launcher.startLamina("mount", "big:v1", there, "--name", "c" + i));
    }
    for (ChildProcess child : starting) {
      child.await().succeeds();
    }
    for (int i = 0; i < 10; i++) {
      Launcher.sh("echo $2 >$1/mine; rm $1/etc/motd", scratch.directory("mnt" + i), i).succeeds();
    }
    for (int i = 0; i < 10; i++) {
      assertThat(scratch.directory("mnt" + i).resolve("mine")).hasContent(i + "\n");
      assertThat(kibibytes(state.home("c" + i))).as("disk use of a container").isLessThan(64);
      launcher.lamina("umount", "c" + i).succeeds();
    }
    assertThat(kibibytes(state.root().resolve("layers"))).isGreaterThan(600);
  }

  /** Allocated disk blocks, directories included. */
  private static long kibibytes(Path tree) throws Exception {
    return Long.parseLong(
        Launcher.sh("du -sk $1", tree).succeeds().out().replaceAll("\\s.*\\n", ""));
  }
}
