package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.docs.Snippet;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.mount.RequiresRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** fuse-lamina as mount(8) and fstab(5) call it, in a namespace where it stands in /sbin. */
@RequiresRoot
@RequiresKernelOverlay
final class MountHelperIT extends EndToEnd {
  private DocumentedHost host;

  @BeforeEach
  void makeHost(MountScratch scratch) throws Exception {
    host = DocumentedHost.in(scratch);
  }

  /** What a script prints; {@code $O} are the options of a writable mount on {@code MNT}. */
  private CommandResult script(String script) throws Exception {
    return host.run(
        Snippet.HELPER_LINKS.text()
            + """

            ln -s /opt/lamina/fuse-lamina /usr/local/bin
            PATH=${PATH%:/opt/lamina}
            mkdir lower upper work MNT
            echo content >lower/file
            O=daemon=off,lowerdir=$PWD/lower,upperdir=$PWD/upper,workdir=$PWD/work
            """
            + script);
  }

  @Test
  void mount_byTheTypeThatContainersName_isLive() throws Exception {
    assertThat(
            script(
                    Snippet.MOUNT_BY_PROGRAM.text().replace("lowerdir=...", "$O")
                        + """

                        cat MNT/file; echo new >MNT/new; umount MNT; cat upper/new
                        """
                        + Snippet.MOUNT_BY_NAME.text()
                        + """
                         overlay MNT -o $O
                        cat MNT/new; umount MNT
                        """)
                .succeeds()
                .out())
        .isEqualTo("content\nnew\nnew\n");
  }

  @Test
  void fstab_asDocumented_mountsOnce() throws Exception {
    CommandResult result =
        script(
            """
            cd /srv; mkdir a b upper work merged; echo a >a/file; echo b >b/file
            cat >fstab <<END
            """
                + Snippet.FSTAB.text()
                + """

                END
                mount -T fstab -a
                mount -T fstab -a -v
                cat merged/file; touch merged/new; umount merged; ls upper
                """);
    assertThat(result.succeeds().out()).contains("already mounted").endsWith("b\nnew\n");
  }

  @Test
  void fstab_withWhatBootScriptsRead_mountsOnce() throws Exception {
    CommandResult result =
        script(
            """
            echo "overlay $PWD/MNT lamina nofail,_netdev,x-systemd.after=network.target,user,$O 0 0" >fstab
            mount -T fstab $PWD/MNT
            mount -T fstab -a -v
            findmnt -rn -o SOURCE,FSTYPE,OPTIONS MNT
            """);
    assertThat(result.succeeds().out())
        .contains("already mounted")
        .containsPattern("overlay fuse.lamina rw,nosuid,nodev,noexec,");
    assertThat(result.err()).isEmpty();
  }

  @Test
  void remount_isTheKernels() throws Exception {
    CommandResult result =
        script(
            Snippet.MOUNT_BY_TYPE.text()
                + " overlay MNT -o $O\n"
                + Snippet.REMOUNT.text()
                + """

                touch MNT/refused || true
                mount -o remount,rw MNT
                touch MNT/taken
                ls MNT; umount MNT
                """);
    assertThat(result.succeeds().out()).isEqualTo("file\ntaken\n");
    assertThat(result.err()).contains("Read-only file system");
  }

  @Test
  void wrongUse_isToldByTheNameThatWasCalled() throws Exception {
    CommandResult result =
        script(
            """
            mount -f -t lamina overlay MNT -o $O
            findmnt MNT && exit 9
            mount.lamina overlay && exit 9
            mount.lamina overlay MNT -x && exit 9
            mount -t lamina overlay MNT -o lowerdir=$PWD/absent && exit 9
            mount.lamina overlay MNT -N /proc/self/ns/mnt -o $O
            """);
    assertThat(result.exits(ExitStatus.USAGE).out()).isEmpty();
    assertThat(result.err().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("mount.lamina: ").contains("SOURCE TARGET"),
            line -> assertThat(line).isEqualTo("mount.lamina: unknown option -x"),
            line -> assertThat(line).contains("lowerdir").contains("absent").contains("ENOENT"),
            line -> assertThat(line).startsWith("mount.lamina: ").contains("nsenter"));
  }
}
