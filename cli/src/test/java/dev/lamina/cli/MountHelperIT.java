package dev.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.mount.RequiresRoot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** fuse-lamina as mount(8) and fstab(5) call it, in a namespace where it stands in /sbin. */
@RequiresRoot
@RequiresKernelOverlay
final class MountHelperIT extends EndToEnd {
  private static final List<String> NAMES =
      List.of("mount.fuse3.fuse-lamina", "mount.fuse.lamina", "mount.lamina", "fuse-lamina");

  private Path sbin;
  private Path place;

  @BeforeEach
  void install(MountScratch scratch) throws Exception {
    sbin = scratch.directory("sbin");
    for (String name : NAMES) {
      Files.createSymbolicLink(sbin.resolve(name), Launcher.CLONE.resolve("fuse-lamina"));
    }
    place = scratch.directory("place");
    for (String name : List.of("lower", "upper", "work", "mnt")) {
      Files.createDirectory(place.resolve(name));
    }
    Files.writeString(place.resolve("lower/file"), "content\n");
  }

  /** What a script prints; {@code $O} are the options of a writable mount on {@code mnt}. */
  private CommandResult script(String script) throws Exception {
    return Launcher.sh(
        """
        export SBIN=$1 PLACE=$2
        exec unshare -m sh -euc '
          mount -t overlay overlay -o lowerdir=$SBIN:/usr/sbin /usr/sbin
          cd $PLACE
          O=daemon=off,lowerdir=$PWD/lower,upperdir=$PWD/upper,workdir=$PWD/work
          trap "umount -l mnt 2>/dev/null || true" EXIT
        """
            + script
            + "'",
        sbin,
        place);
  }

  @Test
  void mount_byTheTypeThatContainersName_isLive() throws Exception {
    assertThat(
            script(
                    """
                    mount -t fuse3.fuse-lamina overlay mnt -o $O
                    cat mnt/file; echo new >mnt/new; umount mnt; cat upper/new
                    mount -t fuse.fuse-lamina overlay mnt -o $O
                    cat mnt/new; umount mnt
                    """)
                .succeeds()
                .out())
        .isEqualTo("content\nnew\nnew\n");
  }

  @Test
  void fstab_withWhatBootScriptsRead_mountsOnce() throws Exception {
    CommandResult result =
        script(
            """
            echo "overlay $PWD/mnt lamina nofail,_netdev,x-systemd.after=network.target,user,$O 0 0" >fstab
            mount -T fstab $PWD/mnt
            mount -T fstab -a -v
            findmnt -rn -o SOURCE,FSTYPE,OPTIONS mnt
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
            """
            mount -t lamina overlay mnt -o $O
            mount -o remount,ro mnt
            touch mnt/refused || true
            mount -o remount,rw mnt
            touch mnt/taken
            ls mnt
            """);
    assertThat(result.succeeds().out()).isEqualTo("file\ntaken\n");
    assertThat(result.err()).contains("Read-only file system");
  }

  @Test
  void wrongUse_isToldByTheNameThatWasCalled() throws Exception {
    CommandResult result =
        script(
            """
            mount -f -t lamina overlay mnt -o $O
            findmnt mnt && exit 9
            mount.lamina overlay && exit 9
            mount.lamina overlay mnt -x && exit 9
            mount -t lamina overlay mnt -o lowerdir=$PWD/absent && exit 9
            mount.lamina overlay mnt -N /proc/self/ns/mnt -o $O
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
