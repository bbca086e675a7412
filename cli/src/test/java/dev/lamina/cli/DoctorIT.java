package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The real host is looked at: by root and by others, on its disk and on tmpfs. */
@RequiresRoot
final class DoctorIT extends EndToEnd {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** As if nobody else had mounts of Lamina: those that are not below $1 are out of sight. */
  private static final String ALONE =
      """
      mount --make-rprivate /
      findmnt -rn -t fuse.lamina -o TARGET | while read -r place; do
        case $place in "$1"/*) ;; *) umount -l "$place" ;; esac
      done
      shift
      exec "$@"
      """;

  private StateDirectory state;
  private Launcher launcher;
  private Path place;

  @BeforeEach
  void makePlaces(MountScratch scratch) {
    state = new StateDirectory(scratch.root().resolve("state"));
    launcher =
        state.launcher().through("unshare", "--mount", "sh", "-ec", ALONE, "sh", scratch.root());
    place = scratch.directory("place");
  }

  private static JsonNode check(String output, String name) throws IOException {
    for (JsonNode check : JSON.readTree(output).get("checks")) {
      if (check.get("name").asText().equals(name)) {
        return check;
      }
    }
    throw new AssertionError("no " + name + " in " + output);
  }

  private static String stateOf(String output, String name) throws IOException {
    return check(output, name).get("state").asText();
  }

  private void nothingIsLeft() throws IOException {
    assertThat(place).isEmptyDirectory();
    assertThat(state.root()).doesNotExist();
    try (Stream<Path> temporary = Files.list(Path.of("/tmp"))) {
      assertThat(temporary).noneMatch(path -> path.toString().contains(".lamina-doctor-"));
    }
  }

  @Test
  void doctor_asRoot_canMountAndLeavesNothing() throws Exception {
    CommandResult json = launcher.lamina("doctor", "--format", "json", place).succeeds();
    assertThat(JSON.readTree(json.out()).get("mountable").asBoolean()).isTrue();
    assertThat(stateOf(json.out(), "mount")).isEqualTo("ok");
    assertThat(stateOf(json.out(), "whiteouts")).isEqualTo("ok");
    assertThat(json.err()).isEmpty();
    nothingIsLeft();

    String text = launcher.lamina("doctor", place).succeeds().out();
    assertThat(text).contains("/dev/fuse can be opened").endsWith("Lamina can mount here.\n");
    nothingIsLeft();
  }

  @Test
  void doctor_onTmpfs_saysWhatThatCosts() throws Exception {
    Launcher.sh("mount -t tmpfs tmpfs $1", place).succeeds();
    try {
      CommandResult result = launcher.lamina("doctor", "--format", "json", place).succeeds();
      assertThat(check(result.out(), "filesystem").get("seen").asText()).isEqualTo("tmpfs");
      assertThat(stateOf(result.out(), "filesystem")).isEqualTo("note");
      assertThat(stateOf(result.out(), "reflink")).isEqualTo("note");
      nothingIsLeft();
    } finally {
      Launcher.sh("umount $1", place).succeeds();
    }
  }

  @Test
  void doctor_onAReadOnlyFilesystem_saysThatNothingCanBeWritten() throws Exception {
    Launcher.sh("mount -t tmpfs -o ro tmpfs $1", place).succeeds();
    try {
      CommandResult result = launcher.lamina("doctor", "--format", "json", place).exits(1);
      assertThat(check(result.out(), "writable").get("seen").asText()).contains("EROFS");
      assertThat(stateOf(result.out(), "mount")).as("elsewhere").isEqualTo("ok");
    } finally {
      Launcher.sh("umount $1", place).succeeds();
    }
    nothingIsLeft();
  }

  @Test
  void doctor_whereNothingCanEverBeMade_doesNotSayThatNothingCanBeMounted() throws Exception {
    CommandResult result = launcher.lamina("doctor", "/proc").exits(1);
    assertThat(result.out())
        .contains("problem  writable          proc: nothing can be made")
        .endsWith("Lamina can mount here: see the problems.\n");
  }

  @Test
  void doctor_asAnOrdinaryUser_canMountByFusermount(MountScratch scratch) throws Exception {
    OrdinaryUser user = OrdinaryUser.in(scratch);
    CommandResult result = user.sh("lamina doctor --format json $PWD").succeeds();
    assertThat(stateOf(result.out(), "user")).isEqualTo("note");
    assertThat(stateOf(result.out(), "mount")).isEqualTo("ok");
    assertThat(stateOf(result.out(), "passthrough")).isEqualTo("note");
    assertThat(user.home()).isEmptyDirectory();
  }

  @Test
  void doctor_whereTheDeviceMayNotBeOpened_saysSoAndExitsWith7(MountScratch scratch)
      throws Exception {
    OrdinaryUser user = OrdinaryUser.in(scratch);
    // Whatever the device's mode is here.
    Launcher closed =
        user.launcher(state)
            .through(
                "unshare",
                "--mount",
                "sh",
                "-ec",
                "mount --bind /dev/null /dev/fuse; exec \"$@\"",
                "sh",
                "setpriv",
                "--reuid",
                OrdinaryUser.UID,
                "--regid",
                OrdinaryUser.UID,
                "--clear-groups");
    CommandResult result = closed.lamina("doctor", user.home()).exits(7);
    assertThat(result.out()).contains("problem  mount").contains("Lamina cannot mount here");
    assertThat(user.home()).isEmptyDirectory();
  }

  @Test
  void doctor_aMountWhoseServerWasKilled_isAProblemWithItsRemedy(MountScratch scratch)
      throws Exception {
    Path mnt = scratch.directory("mnt");
    String image = TestImages.small(scratch.root().resolve("image"));
    state.launcher().lamina("mount", image, mnt, "--name", "x").succeeds();
    long server = state.container("x").server();
    Launcher.sh("kill -KILL $1", server).succeeds();
    StateDirectory.await("the server is gone", () -> !Servers.isRunning(server));

    CommandResult sick = launcher.lamina("doctor", "--quiet", place).exits(1);
    assertThat(sick.out()).contains("problem  dead mount", "-> lamina umount " + mnt);
    assertThat(state.launcher().lamina("ps").succeeds().out()).contains("server died");
    state.launcher().lamina("umount", mnt).succeeds();
    assertThat(launcher.lamina("doctor", place).succeeds().out()).doesNotContain("dead");
  }

  @Test
  void doctor_ofNoDirectory_isAnError() throws Exception {
    assertThat(launcher.lamina("doctor", place.resolve("x")).exits(3).message())
        .isEqualTo("lamina doctor: " + place.resolve("x") + " is not a directory");
  }
}
