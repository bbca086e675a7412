package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.docs.DiskTree;
import dev.lamina.docs.Snippet;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresContainerd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Debian's containerd and runc, on the snapshotter that package made. */
@RequiresContainerd
final class SnapshotterIT extends EndToEnd {
  /** A program for an image without any other: what it does is its first argument. */
  private static final String TOOL =
      """
      #include <fcntl.h>
      #include <stdio.h>
      #include <string.h>
      #include <sys/stat.h>
      #include <unistd.h>
      int main(int n, char **a) {
        char buffer[65536];
        if (n > 2 && !strcmp(a[1], "cat")) {
          int fd = open(a[2], O_RDONLY);
          if (fd < 0) { perror(a[2]); return 1; }
          ssize_t count = read(fd, buffer, sizeof buffer);
          return write(1, buffer, count) != count;
        }
        if (n > 3 && !strcmp(a[1], "write")) {
          int fd = open(a[2], O_WRONLY | O_CREAT, 0644);
          if (fd < 0 || write(fd, a[3], strlen(a[3])) < 0) { perror(a[2]); return 1; }
          return close(fd) != 0;
        }
        if (n > 2 && !strcmp(a[1], "rm")) return unlink(a[2]) != 0;
        if (n > 2 && !strcmp(a[1], "owner")) {
          struct stat s;
          if (stat(a[2], &s)) { perror(a[2]); return 1; }
          return printf("%d:%d\\n", s.st_uid, s.st_gid) < 0;
        }
        if (n == 1 && !strcmp(a[0], "bash")) return puts("a shell") < 0;
        if (n > 1 && !strcmp(a[1], "sleep")) { sleep(1000); return 0; }
        return 99;
      }
      """;

  private static final String IMAGE = "localhost/test:v1";

  private static final int CONTAINERS = 5;

  private Path scratch;
  private Path socket;
  private Launcher launcher;
  private ChildProcess snapshotter;
  private ContainerdProcess containerd;
  private int execs;

  @BeforeEach
  void startAll(MountScratch place) throws Exception {
    scratch = place.limitedTo(Duration.ofMinutes(14)).root();
    socket = place.directory("run").resolve("s.sock");
    Launcher.sh("chmod 700 $1", socket.getParent()).succeeds();
    launcher = Launcher.withRoot(scratch.resolve("state"));
    startSnapshotter();
    containerd = ContainerdProcess.start(place.directory("c"), socket);
    containerd
        .ctr(
            "images", "import", "--base-name", "localhost/test", "--snapshotter", "lamina", image())
        .succeeds();
  }

  private void startSnapshotter() throws Exception {
    NotifySocket manager = NotifySocket.at(scratch.resolve("notify"));
    String[] command =
        Snippet.SNAPSHOTTER_UNIT
            .value("ExecStart")
            .replace("/run/lamina-snapshotter/s.sock", socket.toString())
            .replace("/var/lib/lamina", scratch.resolve("state").toString())
            .replace("/opt/lamina/lamina ", "")
            .split(" ", -1);
    snapshotter = launcher.with("NOTIFY_SOCKET", manager.path()).startLamina((Object[]) command);
    assertThat(manager.message()).isEqualTo("READY=1");
    assertThat(socket).exists();
  }

  @AfterEach
  void endAll() throws Exception {
    if (containerd != null) {
      Launcher.sh(
              "ctr -a $1 tasks ls -q | xargs -r -n1 ctr -a $1 tasks rm -f;"
                  + " ctr -a $1 containers ls -q | xargs -r -n1 ctr -a $1 containers rm || true",
              scratch.resolve("c/c.sock"))
          .succeeds();
      containerd.close();
    }
    snapshotter.signal("TERM");
    assertThat(snapshotter.await().exits(ChildProcess.statusOfSignal(15)).err())
        .doesNotContain("ERROR", "WARN", "Exception");
    assertThat(socket).doesNotExist();
  }

  /** Three layers: a program, what it reads, and a deletion. */
  private Path image() throws Exception {
    Path source = Files.writeString(scratch.resolve("tool.c"), TOOL);
    Path tool = scratch.resolve("tool");
    Launcher.sh("gcc -Os -static -o $1 $2", tool, source).succeeds();
    TestImages.write(
        scratch.resolve("layout"),
        new TarLayer()
            .directory("bin", 0755)
            .file("bin/tool", 0755, Files.readAllBytes(tool))
            .file("bin/bash", 0755, Files.readAllBytes(tool))
            .directory("proc", 0755)
            .directory("sys", 0755)
            .directory("dev", 0755),
        new TarLayer().directory("etc", 0755).file("etc/motd", "below\n").file("etc/gone", "x"),
        new TarLayer().whiteout("etc/gone").file("etc/large", 0644, new byte[6 << 20]));
    Path archive = scratch.resolve("image.tar");
    Launcher.sh("tar -C $1 -cf $2 .", scratch.resolve("layout"), archive).succeeds();
    return archive;
  }

  private CommandResult run(String name, String... command) throws Exception {
    return startRun(List.of("--rm"), name, command).await();
  }

  private ChildProcess startRun(List<String> options, String name, String... command)
      throws Exception {
    List<Object> all = new ArrayList<>(List.of("run", "--snapshotter", "lamina"));
    all.addAll(options);
    all.addAll(List.of(IMAGE, name, "/bin/tool"));
    all.addAll(List.of(command));
    return containerd.startCtr(all.toArray());
  }

  private List<String> kinds() throws Exception {
    return containerd
        .snapshots("ls")
        .succeeds()
        .out()
        .lines()
        .skip(1)
        .map(line -> line.strip().replaceFirst(".* ", ""))
        .sorted()
        .toList();
  }

  @Test
  @Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void containers_runCommitAndGo() throws Exception {
    assertThat(kinds()).containsExactly("Committed", "Committed", "Committed");
    assertThat(run("one", "cat", "/etc/motd").succeeds().out()).isEqualTo("below\n");
    assertThat(run("two", "cat", "/etc/gone").exits(1).err()).contains("No such file");
    containerd.ctr("images", "tag", IMAGE, "docker.io/library/debian:12").succeeds();
    String terminal = "CONTAINERD_ADDRESS=$1 script -qec \"$2\" /dev/null";
    CommandResult shell =
        Launcher.sh(terminal, scratch.resolve("c/c.sock"), Snippet.CTR_RUN.text());
    assertThat(shell.succeeds().out()).contains("a shell");
    containerd.ctr("images", "rm", "docker.io/library/debian:12").succeeds();
    Path directory = scratch.resolve("state/snapshotter");
    assertThat(Launcher.sh("cd $1; " + Snippet.SNAPSHOT_TABLE.text(), directory).succeeds().out())
        .containsPattern("default/\\d+/sha256:[0-9a-f]{64}\\|[0-9]*\\|committed\\|");
    DiskTree.of(Snippet.SNAPSHOTTER_TREE)
        .assertHolds(directory, "metadata.sqlite", "snapshots/ID/fs", "empty");

    startRun(List.of(), "writes", "write", "/etc/motd", "above").await().succeeds();
    assertThat(containerd.snapshots("usage", "writes").succeeds().out()).contains("writes");
    containerd.ctr("tasks", "rm", "writes");
    startRun(List.of(), "large", "write", "/etc/large", "changed").await().succeeds();
    containerd.ctr("tasks", "rm", "large");
    containerd.snapshots("commit", "changed", "large").succeeds();
    assertThat(containerd.snapshots("tree").succeeds().out()).contains("changed");
    assertThat(
            Launcher.sh(
                    "ctr -a $1 snapshots --snapshotter lamina diff changed | tar -tzf -",
                    scratch.resolve("c/c.sock"))
                .succeeds()
                .out()
                .lines())
        .contains("etc/", "etc/large")
        .doesNotContain("bin/tool", "etc/motd");
    containerd.snapshots("view", "v", "changed").succeeds();
    Path layer = topmostLayer(containerd.snapshots("mounts", "/mnt", "v").succeeds().out());
    assertThat(Files.size(layer.resolve("etc/large"))).isEqualTo(6 << 20);
    assertThat(Files.readString(layer.resolve("etc/large"))).startsWith("changed\0");
    assertThat(blocks(layer.resolve("etc/large")))
        .as("all of it is up")
        .isGreaterThanOrEqualTo(6 << 11);

    containerd.snapshots("rm", "v").succeeds();
    containerd.snapshots("rm", "changed").succeeds();
    containerd.ctr("containers", "rm", "writes", "large");
    assertThat(kinds()).containsExactly("Committed", "Committed", "Committed");
    containerd.ctr("images", "rm", "--sync", IMAGE).succeeds();
    assertThat(kinds()).isEmpty();
    try (var left = Files.list(scratch.resolve("state/snapshotter/snapshots"))) {
      assertThat(left).as("directories").isEmpty();
    }
  }

  private static long blocks(Path file) throws Exception {
    return Long.parseLong(Launcher.sh("stat -c %b $1", file).line());
  }

  private static Path topmostLayer(String mounts) {
    String option = "lowerdir=";
    return Path.of(mounts.substring(mounts.indexOf(option) + option.length()).split("[:, ]", 2)[0]);
  }

  @Test
  @Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void snapshotterIsKilled_containersStay_andTheNextOneGoesOn() throws Exception {
    List<ChildProcess> starts = new ArrayList<>();
    for (int i = 0; i < CONTAINERS; i++) {
      starts.add(startRun(List.of("-d"), "c" + i, "sleep"));
    }
    for (ChildProcess start : starts) {
      start.await().succeeds();
    }
    snapshotter.signal("KILL");
    snapshotter.await().exits(ChildProcess.statusOfSignal(9));
    assertThat(exec("c0", "write", "/etc/new", "while it is dead").succeeds().out()).isEmpty();
    assertThat(containerd.snapshots("ls").status()).isNotZero();
    assertThat(exec("c0", "write", "/etc/.wh.motd", "a name").succeeds().out()).isEmpty();
    assertThat(exec("c0", "cat", "/etc/.wh.motd").succeeds().out()).isEqualTo("a name");
    assertThat(exec("c0", "cat", "/etc/motd").succeeds().out()).isEqualTo("below\n");
    startSnapshotter();
    assertThat(exec("c0", "cat", "/etc/new").succeeds().out()).isEqualTo("while it is dead");
    assertThat(exec("c1", "cat", "/etc/new").exits(1).err()).contains("No such file");
    StateDirectory.await(
        "containerd has found it again", () -> containerd.snapshots("ls").status() == 0);
    assertThat(kinds()).hasSize(CONTAINERS + 3);
    assertThat(run("another", "cat", "/etc/motd").succeeds().out()).isEqualTo("below\n");
    for (int i = 0; i < CONTAINERS; i++) {
      containerd.ctr("tasks", "rm", "-f", "c" + i);
      containerd.ctr("containers", "rm", "c" + i).succeeds();
    }
    assertThat(kinds()).containsExactly("Committed", "Committed", "Committed");
  }

  private CommandResult exec(String container, String... command) throws Exception {
    List<Object> all = new ArrayList<>(List.of("tasks", "exec", "--exec-id", "e" + execs++));
    all.addAll(List.of(container, "/bin/tool"));
    all.addAll(List.of(command));
    return containerd.ctr(all.toArray());
  }

  @Test
  @Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void ownersThatAreMapped_areTheContainersInside_andStoredAsTheImageHasThem() throws Exception {
    List<String> mapped = List.of(Snippet.CTR_WITH_OWNERS.text().split(" ", -1)).subList(2, 7);
    ChildProcess owner = startRun(mapped, "mapped", "owner", "/etc/motd");
    assertThat(owner.await().succeeds().out()).isEqualTo("0:0\n");
    containerd.ctr("tasks", "rm", "mapped");
    containerd.ctr("containers", "rm", "mapped").succeeds();
  }
}
