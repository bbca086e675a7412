package dev.lamina.cli;

import static dev.lamina.cli.StateDirectory.isMounted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The server is killed while programs write: what was fsynced is there at the next mount. */
final class ServerDeathIT extends EndToEnd {
  /**
   * Writes files, and appends to one of the image, until that fails; notes in the file $2 what
   * fsync(2) has confirmed.
   */
  private static final String WRITER =
      """
      i=0
      while :; do
        head -c 20000 /dev/zero | tr '\\0' x | dd of="$1/srv/f$i" conv=fsync bs=20000 status=none
        echo "line $i" | dd of="$1/etc/motd" oflag=append conv=notrunc,fsync status=none
        echo "$i" >>"$2"
        i=$((i+1))
      done
      """;

  private StateDirectory state;
  private String image;
  private Path mnt;
  private Path confirmed;

  @BeforeEach
  void killTheServerDuringWrites(MountScratch scratch) throws Exception {
    state = new StateDirectory(scratch.root().resolve("state"));
    image = TestImages.small(scratch.root().resolve("image"));
    mnt = scratch.directory("mnt");
    confirmed = scratch.root().resolve("confirmed");
    Files.createFile(confirmed);
    state.launcher().lamina("mount", image, mnt, "--name", "x").succeeds();

    ChildProcess writer =
        ChildProcess.start(
            List.of("sh", "-ec", WRITER, "sh", mnt.toString(), confirmed.toString()), Map.of());
    StateDirectory.await("some writes", () -> Files.readAllLines(confirmed).size() >= 10);
    long server = state.container("x").server();
    Launcher.sh("kill -KILL $1", server).succeeds();
    assertThat(writer.await().status()).as("the writer noticed").isNotZero();
    StateDirectory.await("the server is gone", () -> !Servers.isRunning(server));
    // Its threads end one by one: a request may still find one, and be aborted.
    StateDirectory.await(
        "the mount is dead", () -> Launcher.sh("stat $1/etc", mnt).err().contains("not connected"));
  }

  @Test
  void mount_onADeadMount_clearsItAndHasAllThatWasSynced() throws Exception {
    CommandResult again = state.launcher().lamina("mount", image, mnt, "--name", "x").succeeds();
    assertThat(again.message()).contains("cleared a dead mount on " + mnt);

    List<String> motd = Files.readAllLines(mnt.resolve("etc/motd"));
    assertThat(motd.get(0)).isEqualTo("below");
    for (String i : Files.readAllLines(confirmed)) {
      assertThat(mnt.resolve("srv/f" + i)).hasContent("x".repeat(20_000));
      assertThat(motd).contains("line " + i);
    }
    assertThat(Launcher.sh("ls -A $1", state.home("x").resolve("work/work")).out())
        .as("left in the work directory")
        .isEmpty();
    Launcher.sh("echo on >>$1/etc/motd", mnt).succeeds();
    state.launcher().lamina("umount", "x").succeeds();
    assertThat(isMounted(mnt)).isFalse();
  }

  @Test
  void umount_ofADeadMount_clearsItAndItsRecord() throws Exception {
    CommandResult umount = state.launcher().lamina("umount", "x").succeeds();
    assertThat(umount.message()).contains(mnt.toString(), "died");
    assertThat(isMounted(mnt)).isFalse();
    assertThat(state.container("x").mountPoint()).isNull();
    state.launcher().lamina("mount", image, mnt, "--name", "x").succeeds();
    assertThat(mnt.resolve("srv/f0")).exists();
  }

  @Test
  void fuseLamina_onADeadMount_clearsIt(MountScratch scratch) throws Exception {
    Path lower = scratch.directory("lower");
    Files.createFile(lower.resolve("file"));
    state.launcher().fuseLamina("-o", "lowerdir=" + lower, mnt).succeeds();
    assertThat(mnt.resolve("file")).exists();
  }
}
