package dev.lamina.cli;

import static dev.lamina.cli.StateDirectory.isMounted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.RequiresRoot;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One mount does no harm to another, and nobody is served who is not the daemon's equal. */
@RequiresRoot
final class DaemonIsolationIT extends DaemonEndToEnd {
  private static final String CLIENT = "cli/src/main/launcher/client.pl";

  /** More than a mount has workers. */
  private static final int USERS = 40;

  /** A mount with a server of its own that the test can stop. */
  private long serverOf(Path mnt) throws Exception {
    launcher
        .with("LAMINA_DAEMON", "off")
        .fuseLamina("-o", "lowerdir=" + lower + ",passthrough=off", mnt)
        .succeeds();
    List<Long> servers = ServerProcesses.of(mnt);
    assertThat(servers).hasSize(1);
    return servers.get(0);
  }

  private void worksAsEver(String name) throws Exception {
    Path mnt = directory("good-" + name);
    launcher.fuseLamina("-o", writable(name), mnt).succeeds();
    Launcher.sh("cd $1; cat file; echo x >new; rm file; ls; rm new", mnt).succeeds();
    launcher.lamina("umount", mnt).succeeds();
  }

  @Test
  void mountThatHangsAtTheStart_hangsAlone_andIsTakenBackWithItsClient() throws Exception {
    Path slow = directory("slow");
    long server = serverOf(slow);
    launcher.lamina("daemon").succeeds();
    Launcher.sh("kill -STOP $1", server).succeeds();
    Path hanging = directory("hanging");
    ChildProcess waiting = launcher.startFuseLamina("-o", "lowerdir=" + slow, hanging);
    ChildProcess given = launcher.startFuseLamina("-o", "lowerdir=" + slow, directory("given"));
    try {
      worksAsEver("1");
      worksAsEver("2");
      assertThat(waiting.isRunning()).isTrue();
      given.signal("TERM");
      given.await().exits(ChildProcess.statusOfSignal(15));
    } finally {
      Launcher.sh("kill -CONT $1", server).succeeds();
    }
    waiting.await().succeeds();
    assertThat(hanging.resolve("file")).hasContent("below\n");
    StateDirectory.await("taken back", () -> !isMounted(directory("given")));
    worksAsEver("3");
  }

  @Test
  void mountWhoseLowerStopsAnswering_stopsAlone() throws Exception {
    Path slow = directory("slow");
    long server = serverOf(slow);
    launcher.lamina("daemon").succeeds();
    Path stalled = directory("stalled");
    launcher.fuseLamina("-o", "lowerdir=" + slow, stalled).succeeds();
    Launcher.sh("kill -STOP $1", server).succeeds();
    ChildProcess users =
        ChildProcess.start(
            List.of(
                "sh",
                "-c",
                "for i in $(seq $2); do stat \"$1/absent$i\" & done; wait",
                "sh",
                stalled.toString(),
                Integer.toString(USERS)),
            Map.of());
    try {
      ProcessHandle shell = ProcessHandle.of(users.pid()).orElseThrow();
      StateDirectory.await("all are at it", () -> shell.children().count() == USERS);
      worksAsEver("1");
      worksAsEver("2");
      assertThat(users.isRunning()).isTrue();
    } finally {
      Launcher.sh("kill -CONT $1", server).succeeds();
    }
    users.await();
    assertThat(stalled.resolve("file")).hasContent("below\n");
    launcher.lamina("umount", stalled).succeeds();
  }

  @Test
  void clientThatSaysNothingOrNonsense_isNoConcernOfOthers() throws Exception {
    launcher.lamina("daemon").succeeds();
    ChildProcess silent =
        ChildProcess.start(
            List.of(
                "perl",
                "-e",
                "socket(S,1,1,0); connect(S, pack('S a108', 1, glob \"$ARGV[0]/*.sock\")) or die;"
                    + " sleep 30",
                runtime.toString()),
            Map.of());
    CommandResult nonsense =
        Launcher.sh(
            "for n in 4294967295 8 16777216 12; do perl -e 'socket(S,1,1,0);"
                + " connect(S, pack(\"S a108\", 1, glob \"$ARGV[0]/*.sock\")) or die;"
                + " syswrite S, pack(\"N a*\", $ARGV[1], \"\\xff\" x 40); sysread S, $_, 1;"
                + " print length' $1 $n; done",
            runtime);
    assertThat(nonsense.succeeds().out()).as("no answer").isEqualTo("0000");
    worksAsEver("1");
    silent.kill();
  }

  /** What the launcher would run, for somebody who has found a way to the socket. */
  private CommandResult client(Path mnt, Object... through) throws Exception {
    Launcher.sh("chmod 755 $1; chmod 666 $1/*.sock", runtime).succeeds();
    String script =
        "m=$1; l=$2; home=$3; run=$4; client=$5; shift 5; \"$@\" perl $client $run $home fuse-lamina"
            + " -o lowerdir=$l $m";
    Object[] words = new Object[5 + through.length];
    words[0] = mnt;
    words[1] = lower;
    words[2] = Launcher.CLONE.resolve("cli/target/lamina");
    words[3] = runtime;
    words[4] = Launcher.CLONE.resolve(CLIENT);
    System.arraycopy(through, 0, words, 5, through.length);
    return Launcher.sh(script, words);
  }

  @Test
  void whoeverIsSomebodyElse_orMayDoLess_isDeclined() throws Exception {
    launcher.lamina("daemon").succeeds();
    Path mnt = directory("mnt");
    client(mnt, "setpriv", "--reuid", "65534", "--clear-groups").exits(125);
    client(mnt, "setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin").exits(125);
    client(mnt, "setpriv", "--no-new-privs").exits(125);
    client(mnt, "setpriv", "--regid", "65534", "--clear-groups").exits(125);
    assertThat(isMounted(mnt)).isFalse();
    client(mnt, "env").succeeds();
    assertThat(isMounted(mnt)).isTrue();
  }

  @Test
  void declined_isToldOnce_andNoOtherDaemonIsTried() throws Exception {
    launcher.lamina("daemon").succeeds();
    Path mnt = directory("mnt");
    CommandResult result =
        onDemand.through("setpriv", "--no-new-privs").fuseLamina("-o", "lowerdir=" + lower, mnt);
    assertThat(result.succeeds().message())
        .isEqualTo(
            "fuse-lamina: served without the daemon: it has other namespaces, ids or rights than"
                + " this process");
    assertThat(mnt.resolve("file")).hasContent("below\n");
  }

  @Test
  void otherRootDirectory_isDeclined() throws Exception {
    launcher.lamina("daemon").succeeds();
    // The same tree seen from a bind mount: paths look alike and are not.
    Path root = directory("root");
    Path mnt = directory("mnt");
    CommandResult result =
        Launcher.sh(
            "mount --rbind / $1; mount --make-rslave $1; shift; exec \"$@\"",
            root,
            "sh",
            "-c",
            "true");
    result.succeeds();
    try {
      client(mnt, "chroot", root).exits(125);
    } finally {
      Launcher.sh("umount -R -l $1", root).succeeds();
    }
    assertThat(isMounted(mnt)).isFalse();
  }

  @Test
  void otherMountNamespace_servesItself() throws Exception {
    launcher.lamina("daemon").succeeds();
    Path mnt = directory("mnt");
    String script =
        "mount --make-rprivate /; \"$1/fuse-lamina\" -o lowerdir=$2 $3; cat $3/file; umount $3";
    CommandResult result =
        launcher
            .through(
                "unshare",
                "--mount",
                "sh",
                "-ec",
                script + "; true \"$@\"",
                "sh",
                Launcher.CLONE,
                lower,
                mnt)
            .fuseLamina();
    assertThat(result.succeeds().out()).isEqualTo("below\n");
    assertThat(isMounted(mnt)).isFalse();
    assertThat(Launcher.sh("cd $1; ls daemon-*.sock | wc -l", runtime).line()).isEqualTo("1");
  }
}
