package dev.lamina.cli;

import static dev.lamina.fixtures.tree.TreeSnapshotAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.KernelOverlay;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Detail;
import dev.lamina.fixtures.tree.LowersUnchanged;
import dev.lamina.fixtures.tree.TreeSnapshot;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a mount shows, and what it leaves behind, against kernel overlayfs. */
@RequiresKernelOverlay
final class MergedTreeIT extends EndToEnd {
  /** Every file operation that a shell and coreutils make, most of them on files of the layers. */
  private static final String SHELL =
      """
      cd "$1"
      echo more >>etc/motd
      echo new >etc/new
      chmod 4711 bin/sh-copy 2>/dev/null || cp -a bin/tool bin/sh-copy
      chmod 4711 bin/sh-copy
      chown 7:8 dev/fifo bin/link -h
      touch -d @12345.678 bin/tool
      cp -a usr/share/doc usr/share/doc-copy
      rm -r usr/share/doc
      mkdir usr/share/doc
      echo again >usr/share/doc/again
      mv usr/share/doc-copy usr/share/moved
      mv etc/replaced etc/renamed
      mv -f etc/new opaque/new
      rm -rf opaque/olddir swap/file-to-directory
      ln bin/tool3 bin/tool4
      ln -s ../etc/motd usr/link
      ln -f etc/motd etc/motd-link
      mknod dev/zero c 1 5
      mkfifo dev/pipe
      truncate -s 70000 bin/tool2
      truncate -s 3000000 sparse
      mkdir -p a/b/c
      rm -r deep
      mkdir -m 1777 deep
      """;

  private static final String GIT =
      """
      mkdir "$1/repo"
      cd "$1/repo"
      export HOME=$1 GIT_CONFIG_NOSYSTEM=1
      git init -q .
      git config user.email nobody@example.org
      git config user.name nobody
      i=0
      while [ $i -lt 200 ]; do echo "file $i" >f$i; i=$((i+1)); done
      git add .
      git commit -qm first
      echo changed >f1
      git commit -qam second
      git gc -q
      git fsck --strict
      test "$(git rev-list --count HEAD)" = 2
      """;

  private static final String GCC =
      """
      mkdir "$1/src"
      cd "$1/src"
      echo 'int twice(int x) { return 2 * x; }' >twice.c
      echo 'int twice(int); int main(void) { return twice(21) != 42; }' >main.c
      gcc -c twice.c
      ar rcs libtwice.a twice.o
      gcc -o main main.c libtwice.a
      ./main
      """;

  private static final String PYTHON =
      """
      import os, sqlite3, sys
      os.chdir(sys.argv[1])
      db = sqlite3.connect("numbers.db")
      db.execute("pragma journal_mode=wal")
      db.execute("create table numbers (n integer primary key, square integer)")
      for n in range(500):
          db.execute("insert into numbers values (?, ?)", (n, n * n))
          if n % 100 == 99:
              db.commit()
      db.execute("delete from numbers where n % 2")
      db.commit()
      db.execute("vacuum")
      assert db.execute("select sum(square) from numbers").fetchone() == (20708500,)
      assert db.execute("pragma integrity_check").fetchone() == ("ok",)
      db.close()
      """;

  @Test
  void mount_layersWithEverything_showsWhatTheKernelShows(MountScratch scratch) throws Exception {
    StateDirectory state = new StateDirectory(scratch.root().resolve("state"));
    String image = TestImages.everything(scratch.root().resolve("all"));
    Path readOnly = scratch.directory("read-only");
    Path writable = scratch.directory("writable");
    state.launcher().lamina("mount", "--read-only", image, readOnly).succeeds();
    state.launcher().lamina("mount", image, writable, "--name", "w").succeeds();

    TreeSnapshot kernel = kernelView(state.image("all:v1").lowers(), scratch.directory("kernel"));

    assertThat(kernel.nodes()).containsKeys("n/\u00fe", "bin/tool3", "dev/null", "opaque/new");
    assertThat(kernel.nodes()).doesNotContainKeys("etc/gone", "opaque/old", "usr/share/doc/a");
    assertThat(TreeSnapshot.of(readOnly, Detail.MERGED_VIEW)).isSameTreeAs(kernel);
    assertThat(TreeSnapshot.of(writable, Detail.MERGED_VIEW)).isSameTreeAs(kernel);
  }

  private static TreeSnapshot kernelView(List<Path> lowers, Path mountPoint) throws Exception {
    try (KernelOverlay overlay =
        KernelOverlay.mountReadOnly(lowers, mountPoint, KernelOverlay.PLAIN)) {
      return TreeSnapshot.of(overlay.mountPoint(), Detail.MERGED_VIEW);
    }
  }

  @Test
  void upper_afterProgramsChangedIt_showsTheSameUnderTheKernel(MountScratch scratch)
      throws Exception {
    String image = TestImages.everything(scratch.root().resolve("all"));
    session(
        scratch,
        image,
        mnt -> {
          Launcher.sh(SHELL, mnt).succeeds();
          if (Launcher.hasProgram("git")) {
            Launcher.sh(GIT, mnt).succeeds();
          }
          if (Launcher.hasProgram("gcc")) {
            Launcher.sh(GCC, mnt).succeeds();
          }
          if (Launcher.hasProgram("python3")) {
            Launcher.sh("python3 -c \"$1\" \"$2\"", PYTHON, mnt).succeeds();
          }
        });
  }

  @Test
  void upper_afterItsOwnProgramsInAChroot_showsTheSameUnderTheKernel(MountScratch scratch)
      throws Exception {
    String image = HostImage.build(scratch.directory("host"));
    session(
        scratch,
        image,
        mnt -> {
          String script =
              "cat /etc/motd; cp -a /usr/share/notes /srv/notes; rm -r /usr/share/notes;"
                  + " mkdir /usr/share/notes; mv /srv/notes/kept /usr/share/notes;"
                  + " sed -i s/third/fourth/ /etc/motd; cat /etc/motd; find / -type f | wc -l";
          CommandResult result =
              Launcher.sh("chroot \"$1\" /bin/sh -ec \"$2\"", mnt, script).succeeds();
          assertThat(result.out())
              .matches(Pattern.compile("the third layer\nthe fourth layer\n\\d+\n"));
        });
  }

  /** Names of a lower file that changed by another of its names are found through the index. */
  private static final List<String> INDEXED = List.of("redirect_dir=on", "index=on", "metacopy=on");

  private interface Session {
    void run(Path mountPoint) throws Exception;
  }

  /** Mounts, changes, unmounts; the kernel must show of the same directories what Lamina showed. */
  private static void session(MountScratch scratch, String image, Session session)
      throws Exception {
    StateDirectory state = new StateDirectory(scratch.root().resolve("state"));
    Path mnt = scratch.directory("mnt");
    String id = state.launcher().lamina("unpack", image).succeeds().line();
    List<Path> lowers = state.image(id).lowers();
    LowersUnchanged unchanged = new LowersUnchanged().watchAll(lowers);
    state.launcher().lamina("mount", image, mnt, "--name", "session").succeeds();
    session.run(mnt);
    TreeSnapshot before = TreeSnapshot.of(mnt, Detail.MERGED_VIEW);
    state.launcher().lamina("umount", "session").succeeds();
    unchanged.verify();

    Path home = state.home("session");
    try (KernelOverlay kernel =
        KernelOverlay.mount(
            lowers,
            home.resolve("upper"),
            home.resolve("work"),
            scratch.directory("kernel"),
            INDEXED)) {
      assertThat(TreeSnapshot.of(kernel.mountPoint(), Detail.MERGED_VIEW)).isSameTreeAs(before);
    }
    state.launcher().lamina("mount", image, mnt, "--name", "session").succeeds();
    assertThat(TreeSnapshot.of(mnt, Detail.MERGED_VIEW)).isSameTreeAs(before);
  }
}
