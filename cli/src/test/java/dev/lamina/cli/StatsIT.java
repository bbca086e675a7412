package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Figures of mounts, whoever serves them. */
final class StatsIT extends DaemonEndToEnd {
  private static final String CHANGES = "cd $1; echo more >>file; rm file; ls >/dev/null";

  private JsonNode json(Object target) throws Exception {
    String out = launcher.lamina("stats", "--format", "json", target).succeeds().out();
    JsonNode mounts = new ObjectMapper().readTree(out);
    assertThat(mounts).hasSize(1);
    return mounts.get(0);
  }

  private List<Path> sockets() throws Exception {
    try (Stream<Path> files = Files.list(runtime)) {
      return files.filter(file -> file.getFileName().toString().startsWith("mount-")).toList();
    }
  }

  private static void assertChangesCounted(JsonNode mount) {
    assertThat(mount.at("/requests/UNLINK/count").asLong()).isEqualTo(1);
    assertThat(mount.at("/promotions/copy/count").asLong()).isEqualTo(1);
    assertThat(mount.at("/promotions/copy/bytes").asLong()).isEqualTo(6);
    assertThat(mount.at("/whiteouts").asLong()).isEqualTo(1);
  }

  @Test
  void mountProgram_countsWhatWasDone_untilItIsUnmounted() throws Exception {
    Path mnt = directory("mnt");
    launcher.fuseLamina("-o", writable("x"), mnt).succeeds();
    Launcher.sh(CHANGES, mnt).succeeds();
    JsonNode mount = json(mnt);
    assertChangesCounted(mount);
    assertThat(mount.get("mountPoint").asText()).isEqualTo(mnt.toString());
    assertThat(ServerProcesses.of(mnt)).containsExactly(mount.get("pid").asLong());
    assertThat(launcher.lamina("stats").succeeds().out()).contains("UNLINK", mnt.toString());
    assertThat(launcher.lamina("stats", mnt, "--format", "prometheus").succeeds().out())
        .contains(
            "lamina_whiteouts_total{mount=\"" + mnt + "\",pid=\"" + mount.get("pid") + "\"} 1\n");
    assertThat(sockets()).hasSize(1);

    Launcher.sh("umount $1", mnt).succeeds();
    StateDirectory.await("the socket has gone", () -> sockets().isEmpty());
    CommandResult none = launcher.lamina("stats", mnt).exits(ExitStatus.NOT_FOUND);
    assertThat(none.message()).contains("nothing of ours is mounted on " + mnt);
    assertThat(launcher.lamina("stats").succeeds().out()).isEmpty();
  }

  @Test
  void mountsOfADaemon_haveTheirOwnFigures() throws Exception {
    Path one = directory("one");
    Path other = directory("other");
    onDemand.fuseLamina("-o", writable("x"), one).succeeds();
    onDemand.fuseLamina("-o", writable("y"), other).succeeds();
    assertThat(isServedByDaemonAlone()).isTrue();
    Launcher.sh(CHANGES, one).succeeds();
    assertChangesCounted(json(one));
    assertThat(json(other).at("/whiteouts").asLong()).isZero();
    Launcher.sh("umount $1", one).succeeds();
    StateDirectory.await("one socket has gone", () -> sockets().size() == 1);
  }

  @Test
  void containers_areKnownByName() throws Exception {
    String image = TestImages.small(state.root().resolveSibling("image"));
    Path mnt = directory("mnt");
    launcher.lamina("mount", image, mnt, "--name", "web").succeeds();
    Launcher.sh("rm $1/etc/motd", mnt).succeeds();
    assertThat(json("web").at("/whiteouts").asLong()).isEqualTo(1);
    launcher.lamina("umount", "web").succeeds();
    assertThat(launcher.lamina("stats", "web").exits(ExitStatus.NOT_FOUND).message())
        .contains("web is not mounted");
  }

  @Test
  void serverThatIsStopped_holdsNobodyUp() throws Exception {
    Path mnt = directory("mnt");
    launcher.fuseLamina("-o", writable("x"), mnt).succeeds();
    long server = ServerProcesses.of(mnt).get(0);
    Launcher.sh("kill -STOP $1", server).succeeds();
    try {
      CommandResult stuck = launcher.lamina("stats", mnt).exits(ExitStatus.FAILED);
      assertThat(stuck.message()).contains("the server of the mount on " + mnt, "does not answer");
    } finally {
      Launcher.sh("kill -CONT $1", server).succeeds();
    }
    assertThat(json(mnt).get("pid").asLong()).isEqualTo(server);
  }

  @Test
  void serverThatWasKilled_isToldOf_andItsSocketCleared() throws Exception {
    Path mnt = directory("mnt");
    launcher.fuseLamina("-o", writable("x"), mnt).succeeds();
    long server = ServerProcesses.of(mnt).get(0);
    Launcher.sh("kill -KILL $1", server).succeeds();
    StateDirectory.await("the server is gone", () -> !Servers.isRunning(server));
    CommandResult dead = launcher.lamina("stats", mnt).exits(ExitStatus.FAILED);
    assertThat(dead.message()).contains("no server of the mount on " + mnt);
    assertThat(sockets()).isEmpty();
  }

  @Test
  void unknownFormat_isAUsageError() throws Exception {
    assertThat(launcher.lamina("stats", "--format", "xml").exits(ExitStatus.USAGE).message())
        .contains("--format is text, json or prometheus, not xml");
  }
}
