package dev.lamina.cli;

import static dev.lamina.cli.StateDirectory.isMounted;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mounts by way of {@code lamina daemon}: as without it, but for who serves them. */
final class DaemonIT extends DaemonEndToEnd {
  @ParameterizedTest
  @ValueSource(strings = {"perl", "java"})
  void mounts_onDemand_areServedByOneDaemon(String client) throws Exception {
    Launcher starting = onDemand.with("LAMINA_CLIENT", client);
    Path first = directory("m1");
    starting.fuseLamina("-o", writable("1"), first).succeeds();
    Files.writeString(first.resolve("new"), "x");
    assertThat(Files.readString(directory("1/upper").resolve("new"))).isEqualTo("x");

    Path second = directory("m2");
    Launcher using = launcher.with("LAMINA_CLIENT", client);
    assertThat(using.fuseLamina("-o", "lowerdir=" + lower, second).succeeds().err()).isEmpty();
    assertThat(second.resolve("file")).hasContent("below\n");
    assertThat(isServedByDaemonAlone()).isTrue();
    assertThat(Files.getPosixFilePermissions(runtime))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    DaemonProcess.only(runtime);
  }

  @Test
  void optionAlone_startsADaemon_andOffKeepsOutOfIt() throws Exception {
    String options = "lowerdir=" + lower;
    launcher.fuseLamina("-o", options + ",daemon=on", directory("m1")).succeeds();
    assertThat(isServedByDaemonAlone()).isTrue();
    launcher.fuseLamina("-odaemon=off," + options, directory("m2")).succeeds();
    assertThat(ServerProcesses.of(state.root().getParent())).hasSize(1);
    CommandResult wrong = launcher.fuseLamina("-o", options + ",daemon=no", directory("m3"));
    assertThat(wrong.exits(2).message()).contains("daemon= is auto, on or off, not no");
    Launcher mistaken = launcher.with("LAMINA_DAEMON", "yes");
    assertThat(mistaken.fuseLamina("-o", options, directory("m3")).exits(2).message())
        .isEqualTo("fuse-lamina: LAMINA_DAEMON is auto, on or off, not yes");
  }

  @Test
  void fourClientsThatStartItAtOnce_shareOne() throws Exception {
    List<ChildProcess> starts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      starts.add(onDemand.startFuseLamina("-o", writable("c" + i), directory("m" + i)));
    }
    for (ChildProcess start : starts) {
      assertThat(start.await().succeeds().err()).isEmpty();
    }
    for (int i = 0; i < 4; i++) {
      assertThat(directory("m" + i).resolve("file")).hasContent("below\n");
    }
    assertThat(isServedByDaemonAlone()).isTrue();
    DaemonProcess.only(runtime);
  }

  @Test
  void daemon_whereOneRuns_saysSo() throws Exception {
    launcher.lamina("daemon").succeeds();
    assertThat(launcher.lamina("daemon").succeeds().message()).contains("one runs already");
    DaemonProcess.only(runtime);
  }

  @Test
  void failures_areTheSameAsWithout() throws Exception {
    launcher.lamina("daemon").succeeds();
    Launcher without = launcher.with("LAMINA_DAEMON", "off");
    Path missing = lower.resolveSibling("missing");
    Path mnt = directory("mnt");
    String ok = "lowerdir=" + lower;
    List<Object[]> commands =
        List.of(
            new Object[] {"-o", "lowerdir=" + missing, mnt},
            new Object[] {"-o", ok, missing},
            new Object[] {"-o", ok + ",index=maybe", mnt},
            new Object[] {"-o", "upperdir=/x", mnt},
            new Object[] {"--nonsense"},
            new Object[] {"-o", ok + ",upperdir=" + lower + ",workdir=" + lower, mnt},
            new Object[] {"-o", ok, lower.resolve("file")});
    for (Object[] command : commands) {
      CommandResult expected = without.fuseLamina(command);
      CommandResult result = launcher.fuseLamina(command);
      assertThat(result).isEqualTo(expected);
      assertThat(result.status()).isNotZero();
    }
    assertThat(launcher.lamina("umount", missing)).isEqualTo(without.lamina("umount", missing));

    CommandResult warned = launcher.fuseLamina("-o", ok + ",strange=1", mnt).succeeds();
    assertThat(warned.message()).isEqualTo("fuse-lamina: unknown option ignored: strange");
    CommandResult twice = launcher.fuseLamina("-o", ok, mnt);
    assertThat(twice.exits(6).message())
        .isEqualTo(without.fuseLamina("-o", ok, mnt).exits(6).message());
  }

  @Test
  void relativePaths_areTheCallers() throws Exception {
    launcher.lamina("daemon").succeeds();
    directory("here/l");
    directory("here/u");
    directory("here/w");
    Path mnt = directory("here/m");
    Files.writeString(directory("here/l").resolve("f"), "relative");
    Launcher here = launcher.through("env", "-C", directory("here"));
    here.fuseLamina("-o", "lowerdir=l,upperdir=u,workdir=w", "m").succeeds();
    assertThat(mnt.resolve("f")).hasContent("relative");
    assertThat(isServedByDaemonAlone()).isTrue();
    here.lamina("umount", "m").succeeds();
    assertThat(isMounted(mnt)).isFalse();
  }

  @Test
  void containers_areMountedByTheDaemon_andUnmountedInEveryWay() throws Exception {
    String image = TestImages.small(directory("image"));
    launcher.lamina("daemon").succeeds();
    DaemonProcess daemon = DaemonProcess.only(runtime);
    Path mnt = directory("mnt");
    // Not in the store yet: that takes long, and shows progress.
    launcher.lamina("mount", image, mnt, "--name", "x").succeeds();
    assertThat(state.container("x").shared()).isFalse();
    launcher.lamina("umount", "x").succeeds();

    List<Object[]> ways =
        List.of(
            new Object[] {"lamina", "x"},
            new Object[] {"lamina", mnt},
            new Object[] {"lamina", "--lazy"},
            new Object[] {"umount"},
            new Object[] {"umount", "-l"},
            new Object[] {"fusermount3", "-u"});
    for (Object[] way : ways) {
      CommandResult mounted = launcher.lamina("mount", "image:v1", mnt, "--name", "x").succeeds();
      assertThat(mounted.line()).isEqualTo("x");
      assertThat(state.container("x").server()).isEqualTo(daemon.pid());
      Files.writeString(mnt.resolve("etc/motd"), way[0].toString());
      if (way[0].equals("lamina")) {
        launcher.lamina("umount", way[1], way[1].equals("--lazy") ? mnt : "--").succeeds();
        assertThat(state.container("x").mountPoint()).isNull();
      } else if (Launcher.hasProgram(way[0].toString())) {
        Launcher.sh("\"$@\"", concat(way, mnt)).succeeds();
        StateDirectory.await("its record", () -> state.container("x").mountPoint() == null);
      } else {
        launcher.lamina("umount", mnt).succeeds();
      }
      assertThat(isMounted(mnt)).isFalse();
      assertThat(state.home("x").resolve("upper/etc/motd")).hasContent(way[0].toString());
    }
    assertThat(daemon.isRunning()).isTrue();
    state.holdsOnly("x");
  }

  private static Object[] concat(Object[] words, Object last) {
    List<Object> all = new ArrayList<>(List.of(words));
    all.add(last);
    return all.toArray();
  }
}
