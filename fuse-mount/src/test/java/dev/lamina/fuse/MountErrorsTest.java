package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresFusermount;
import dev.lamina.fuse.MountException.Reason;
import dev.lamina.linux.MountTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is refused, and how, and the mounts of ordinary users and of servers that died. */
@RequiresFuse
class MountErrorsTest {
  private static final String TO_NOBODY = "setpriv --reuid 65534 --regid 65534 --clear-groups ";

  /**
   * Puts a device that everybody may open, as udev has it, over {@code /dev/fuse}, for one server
   * only: in a mount namespace of its own.
   */
  private static final String WITH_OPEN_DEVICE =
      "mount -t tmpfs tmpfs \"$1\"; mknod -m 666 \"$1/fuse\" c 10 229;"
          + " mount --bind \"$1/fuse\" /dev/fuse; shift; exec "
          + TO_NOBODY
          + "\"$@\"";

  @Test
  void missingMountPoint(MountScratch scratch) throws Exception {
    assertRefused(scratch, scratch.root().resolve("none"), Reason.MOUNT_POINT_MISSING);
  }

  @Test
  void mountPointThatIsAFile(MountScratch scratch) throws Exception {
    Path file = Files.createFile(scratch.root().resolve("file"));
    assertRefused(scratch, file, Reason.MOUNT_POINT_NOT_A_DIRECTORY);
  }

  @Test
  void busyMountPoint(MountScratch scratch) throws Exception {
    try (LoopbackMount loopback = LoopbackMount.in(scratch)) {
      assertRefused(scratch, loopback.target, Reason.MOUNT_POINT_BUSY);
    }
    try (LoopbackMount again = LoopbackMount.in(scratch)) {
      assertThat(again.mount.isLive()).isTrue();
    }
  }

  @Test
  void mountPointBehindASymbolicLink_isTheDirectoryItself(MountScratch scratch) throws Exception {
    Path real = scratch.directory("real");
    Path link = Files.createSymbolicLink(scratch.root().resolve("link"), real);
    try (LoopbackFileSystem fileSystem = new LoopbackFileSystem(scratch.directory("source"));
        FuseMount mount = TestMounts.of(fileSystem).on(link).mount()) {
      assertThat(mount.mountPoint()).isEqualTo(real);
    }
    assertThat(MountTable.at(real)).isEmpty();
  }

  @Test
  void killedServer_leavesAStaleMountThatIsDetectedAndCleared(MountScratch scratch)
      throws Exception {
    Path target = scratch.directory("target");
    try (ServerProcess server = ServerProcess.start(scratch.directory("source"), target)) {
      assertThat(server.line()).isEqualTo("mounted " + target);
      assertThat(StaleMounts.isStale(target)).isFalse();
      assertThat(StaleMounts.clear(target)).isFalse();
      // In the kernel's cache, so that stat alone would not notice.
      assertThat(Files.isDirectory(target)).isTrue();
      server.kill();
    }
    assertThat(StaleMounts.isStale(target)).isTrue();
    assertRefused(scratch, target, Reason.MOUNT_POINT_STALE);
    assertThat(StaleMounts.clear(target)).isTrue();
    assertThat(MountTable.at(target)).isEmpty();
    assertThat(StaleMounts.clear(target)).isFalse();
    try (LoopbackMount loopback = LoopbackMount.in(scratch)) {
      assertThat(loopback.mount.isLive()).isTrue();
    }
  }

  @Test
  @RequiresFusermount
  void ordinaryUser_mountsThroughFusermount(MountScratch scratch) throws Exception {
    Path source = owned(scratch, "source");
    Path target = owned(scratch, "target");
    try (ServerProcess server = asNobody(scratch, source, target)) {
      assertThat(server.line()).isEqualTo("mounted " + target);
      assertThat(Files.readString(Path.of("/proc", Long.toString(server.pid()), "mountinfo")))
          .contains(target + " rw,nosuid,nodev", " fuse.lamina lamina ");
      String inside = "nsenter -t " + server.pid() + " -m " + TO_NOBODY;
      Programs.sh(
          inside + "sh -ec 'cd \"$0\"; echo hello > f; mkdir d; mv f d/g; cat d/g; ls -la' \"$1\"",
          target);
      assertThat(Files.readString(source.resolve("d/g"))).isEqualTo("hello\n");
      Programs.sh(inside + "fusermount3 -u \"$1\"", target);
      assertThat(server.line()).isEqualTo("ended with 0 nodes, 0 handles");
      assertThat(server.waitFor()).isZero();
    }
  }

  @Test
  @RequiresFusermount
  void ordinaryUser_closesByItself(MountScratch scratch) throws Exception {
    Path target = owned(scratch, "target");
    try (ServerProcess server = asNobody(scratch, owned(scratch, "source"), target)) {
      assertThat(server.line()).isEqualTo("mounted " + target);
      server.endInput();
      assertThat(server.line()).isEqualTo("ended with 0 nodes, 0 handles");
    }
  }

  @Test
  @RequiresFusermount
  void ordinaryUser_mayNotMountOnADirectoryOfOthers(MountScratch scratch) throws Exception {
    Path target = scratch.directory("target");
    try (ServerProcess server = asNobody(scratch, owned(scratch, "source"), target)) {
      assertThat(server.line()).startsWith("REFUSED: ").contains(target.toString());
      assertThat(server.waitFor()).isEqualTo(1);
    }
    assertThat(MountTable.at(target)).isEmpty();
  }

  private static ServerProcess asNobody(MountScratch scratch, Path source, Path target)
      throws Exception {
    List<String> prefix =
        List.of(
            "unshare",
            "-m",
            "sh",
            "-ec",
            WITH_OPEN_DEVICE,
            "sh",
            scratch.directory("dev").toString());
    return ServerProcess.startAs(prefix, scratch.directory("libraries"), source, target);
  }

  private static Path owned(MountScratch scratch, String name) throws Exception {
    Path directory = scratch.directory(name);
    Files.setAttribute(directory, "unix:uid", 65534);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    return directory;
  }

  private static void assertRefused(MountScratch scratch, Path target, Reason reason)
      throws Exception {
    try (LoopbackFileSystem fileSystem = new LoopbackFileSystem(scratch.directory("source"))) {
      assertThatThrownBy(() -> TestMounts.of(fileSystem).on(target).mount().close())
          .isInstanceOfSatisfying(
              MountException.class,
              e -> {
                assertThat(e.reason()).isEqualTo(reason);
                assertThat(e).hasMessageContaining(target.toString());
                assertThat(e.getMessage()).doesNotContain("\n");
              });
    }
  }
}
