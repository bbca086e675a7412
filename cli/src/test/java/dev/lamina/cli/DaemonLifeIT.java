package dev.lamina.cli;

import static dev.lamina.cli.StateDirectory.isMounted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.docs.Snippet;
import dev.lamina.fixtures.mount.MountScratch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How a daemon ends: by itself, by signals, by an upgrade. */
final class DaemonLifeIT extends DaemonEndToEnd {
  private static boolean hasSocket(Path runtime) throws Exception {
    return !Launcher.sh("ls $1 | grep sock || true", runtime).out().isEmpty();
  }

  @Test
  void idle_endsAfterItsLastMount() throws Exception {
    // Longer than a mount takes to be asked for on a loaded machine.
    launcher.lamina("daemon", "--idle", "4").succeeds();
    Path mnt = directory("mnt");
    launcher.fuseLamina("-o", writable("a"), mnt).succeeds();
    DaemonProcess daemon = DaemonProcess.only(runtime);
    Thread.sleep(5000);
    assertThat(mnt.resolve("file")).as("idle time runs without mounts only").exists();
    assertThat(daemon.isRunning()).isTrue();
    launcher.lamina("umount", mnt).succeeds();
    daemon.awaitEnd();
    assertThat(hasSocket(runtime)).isFalse();
    launcher.fuseLamina("-o", writable("a"), mnt).succeeds();
    assertThat(isServedByDaemonAlone()).isFalse();
  }

  @Test
  void foreground_isAServiceThatSaysWhenItServes() throws Exception {
    NotifySocket manager = NotifySocket.at(runtime.resolveSibling("notify"));
    String command = Snippet.DAEMON_UNIT.value("ExecStart").replace("/opt/lamina/lamina ", "");
    ChildProcess service =
        launcher
            .with("NOTIFY_SOCKET", manager.path())
            .startLamina((Object[]) command.split(" ", -1));
    assertThat(manager.message()).isEqualTo("READY=1");
    launcher.fuseLamina("-o", writable("a") + ",daemon=on", directory("mnt")).succeeds();
    assertThat(isServedByDaemonAlone()).isTrue();
    launcher.lamina("umount", directory("mnt")).succeeds();
    service.signal("TERM");
    service.await().exits(ChildProcess.statusOfSignal(15));
  }

  @Test
  void idle_negative_isRefused() throws Exception {
    assertThat(launcher.lamina("daemon", "--idle", "-1").exits(2).message()).contains("--idle");
  }

  @Test
  void sigterm_unmountsAll_whatIsInUseToo() throws Exception {
    launcher.lamina("daemon").succeeds();
    DaemonProcess daemon = DaemonProcess.only(runtime);
    for (int i = 0; i < 5; i++) {
      launcher.fuseLamina("-o", writable("s" + i), directory("m" + i)).succeeds();
      Files.writeString(directory("m" + i).resolve("new"), "kept");
    }
    ChildProcess user =
        ChildProcess.start(
            List.of("sh", "-c", "cd \"$1\" && exec sleep 60", "sh", "" + directory("m0")),
            Map.of());
    Path cwd = Path.of("/proc", Long.toString(user.pid()), "cwd");
    StateDirectory.await(
        "the user is in it", () -> Files.readSymbolicLink(cwd).equals(directory("m0")));
    daemon.signal("TERM");
    daemon.awaitEnd();
    user.kill();
    for (int i = 0; i < 5; i++) {
      assertThat(isMounted(directory("m" + i))).isFalse();
      assertThat(directory("s" + i + "/upper").resolve("new")).hasContent("kept");
    }
    assertThat(hasSocket(runtime)).isFalse();
  }

  @Test
  void sigkill_leavesDeadMounts_thatAreClearedAsEver() throws Exception {
    String image = TestImages.small(directory("image"));
    launcher.lamina("unpack", image).succeeds();
    Path named = directory("named");
    onDemand.lamina("mount", "image:v1", named, "--name", "x").succeeds();
    Path a = directory("a");
    Path b = directory("b");
    launcher.fuseLamina("-o", writable("1"), a).succeeds();
    launcher.fuseLamina("-o", writable("2"), b).succeeds();
    DaemonProcess daemon = DaemonProcess.only(runtime);
    daemon.signal("KILL");
    daemon.awaitEnd();

    assertThat(launcher.lamina("umount", "x").succeeds().message()).contains("died");
    assertThat(state.container("x").mountPoint()).isNull();
    assertThat(launcher.lamina("umount", a).succeeds().message()).contains("died");
    CommandResult again = onDemand.fuseLamina("-o", writable("2"), b).succeeds();
    assertThat(again.message()).contains("cleared a dead mount on " + b);
    assertThat(b.resolve("file")).hasContent("below\n");
    assertThat(isServedByDaemonAlone()).isTrue();
  }

  @Test
  void upgrade_leavesTheOldDaemonToItsMounts(MountScratch scratch) throws Exception {
    Path clone = scratch.directory("clone");
    // Class archives later than whatever is done here: none is made again.
    Launcher.sh(
            "cd $1; mkdir -p $2/cli/target $2/cli/src/main; cp lamina fuse-lamina $2;"
                + " cp -r cli/target/lamina $2/cli/target; cp -r cli/src/main/launcher"
                + " $2/cli/src/main; touch -c -d 2030-01-02 $2/cli/target/lamina/*.jsa || true",
            Launcher.CLONE,
            clone)
        .succeeds();
    Launcher old = launcher.in(clone);
    Path first = directory("m1");
    old.with("LAMINA_DAEMON", "on").fuseLamina("-o", writable("1"), first).succeeds();
    DaemonProcess daemon = DaemonProcess.only(runtime);

    // Another installation has another daemon's mounts served by itself, and leaves that one alone.
    CommandResult other = launcher.fuseLamina("-o", writable("2"), directory("m2")).succeeds();
    assertThat(other.message()).contains("the daemon is of another build; served without it");
    assertThat(hasSocket(runtime)).isTrue();

    Launcher.sh("touch -d 2030-01-01 $1/cli/target/lamina/classpath", clone).succeeds();
    CommandResult upgraded = old.fuseLamina("-o", writable("3"), directory("m3")).succeeds();
    assertThat(upgraded.message()).contains("another build");
    assertThat(first.resolve("file")).hasContent("below\n");
    old.with("LAMINA_DAEMON", "on").fuseLamina("-o", writable("4"), directory("m4")).succeeds();
    assertThat(DaemonProcess.of(runtime)).as("old and new").hasSize(2);
    launcher.lamina("umount", first).succeeds();
    daemon.awaitEnd();
    assertThat(directory("m4").resolve("file")).hasContent("below\n");
  }
}
