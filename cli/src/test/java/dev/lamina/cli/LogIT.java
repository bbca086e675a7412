package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.docs.Snippet;
import dev.lamina.fixtures.mount.MountScratch;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where servers say what they do, and how much of it. */
final class LogIT extends EndToEnd {
  private Launcher launcher;
  private Path lower;
  private Path mnt;

  @BeforeEach
  void makeLayer(MountScratch scratch) throws Exception {
    launcher = Launcher.withRoot(scratch.root().resolve("state"));
    lower = scratch.directory("lower");
    Files.createFile(lower.resolve("file"));
    mnt = scratch.directory("mnt");
  }

  private void useAndUnmount() throws Exception {
    Launcher.sh("cat $1/file; ! cat $1/absent 2>/dev/null; umount $1", mnt).succeeds();
  }

  @Test
  void debug_ofAServer_isALineForEachRequestInItsLog(MountScratch scratch) throws Exception {
    Path log = scratch.root().resolve("log");
    launcher
        .with("LAMINA_LOG", log)
        .with("LAMINA_LOG_LEVEL", "debug")
        .fuseLamina("-o", "lowerdir=" + lower, mnt)
        .succeeds();
    useAndUnmount();
    awaitServers(scratch);
    String line =
        Snippet.LOG_LINE
            .text()
            .replaceAll("\\d+", "\\\\d+")
            .replace("/mnt", mnt.toString())
            .replace("etc", "file");
    assertThat(log).content().containsPattern("(?m)^" + line + "$");
    assertThat(log).content().contains("LOOKUP node=1 name=absent");
  }

  @Test
  void anUndisturbedServer_logsNothing(MountScratch scratch) throws Exception {
    Path log = scratch.root().resolve("log");
    launcher.with("LAMINA_LOG", log).fuseLamina("-o", "lowerdir=" + lower, mnt).succeeds();
    useAndUnmount();
    awaitServers(scratch);
    assertThat(log).isEmptyFile();
  }

  @Test
  void fuseLamina_withoutALogOfItsOwn_logsWhereDaemonsDo(MountScratch scratch) throws Exception {
    launcher
        .with("LAMINA_LOG_LEVEL", "debug")
        .fuseLamina("-o", "lowerdir=" + lower, mnt)
        .succeeds();
    useAndUnmount();
    awaitServers(scratch);
    Path log = Launcher.runtime(scratch.root().resolve("state")).resolve("fuse-lamina.log");
    assertThat(log).content().contains(mnt + ": lamina: debug: LOOKUP node=1 name=file");
  }

  @Test
  void fuseLamina_withOptionDebug_staysInTheForegroundAndTellsAll() throws Exception {
    ChildProcess server = launcher.startFuseLamina("-o", "debug,lowerdir=" + lower, mnt);
    StateDirectory.await("the mount", () -> StateDirectory.isMounted(mnt));
    useAndUnmount();
    assertThat(server.await().succeeds().err())
        .contains("lamina: debug: FUSE 7.", "lamina: debug: LOOKUP node=1 name=file");
  }

  @Test
  void lamina_logLevel_isOfAnyCommand(MountScratch scratch) throws Exception {
    String image = TestImages.small(scratch.root().resolve("image"));
    launcher.lamina("mount", "--log-level", "debug", image, mnt, "--name", "x").succeeds();
    launcher.lamina("umount", "x").succeeds();
    Path log = scratch.root().resolve("state/containers/x/server.log");
    assertThat(log).content().contains(mnt + ": lamina: debug: STATFS");
    assertThat(launcher.lamina("--log-level", "loud", "images").exits(2).message())
        .contains("--log-level is error, warn, info, debug or trace, not loud");
  }
}
