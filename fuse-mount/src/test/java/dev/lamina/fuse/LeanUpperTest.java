package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFileSystems;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.ScratchFileSystem;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Uppers on filesystems that lack something, and lowers on different ones. */
@RequiresFuse
@RequiresFileSystems
@SuppressWarnings("try") // mounts are used by being there
final class LeanUpperTest {
  private Path lower;
  private Path mnt;

  @BeforeEach
  void makeLayers(MountScratch scratch) throws Exception {
    lower = scratch.directory("lower");
    mnt = scratch.directory("mnt");
    Files.writeString(Files.createDirectory(lower.resolve("d")).resolve("f"), "below");
    Files.writeString(lower.resolve("f"), "below");
    Programs.sh(
        "setfacl -m u:5:rw $1/f; setfacl -d -m u:5:rwx $1/d; setfattr -n user.a -v b $1/d/f",
        lower);
  }

  private OverlayOptions.Builder on(Path fileSystem) throws IOException {
    return OverlayOptions.builder()
        .addLower(lower)
        .writable(
            Files.createDirectories(fileSystem.resolve("upper")),
            Files.createDirectories(fileSystem.resolve("work")));
  }

  @Test
  void readOnlyUpper_isNamed(MountScratch scratch) throws Exception {
    Path fileSystem = ScratchFileSystem.TMPFS.mountIn(scratch);
    OverlayOptions options = on(fileSystem).build();
    Programs.sh("mount -o remount,ro $1", fileSystem);
    assertThatThrownBy(() -> Overlay.open(options).close())
        .hasMessageContainingAll("workdir " + fileSystem.resolve("work"), "EROFS");
  }

  @Test
  void lowersOnDifferentFileSystems_areOneTree(MountScratch scratch) throws Exception {
    OverlayOptions.Builder options = on(ScratchFileSystem.BTRFS.mountIn(scratch));
    for (ScratchFileSystem type : ScratchFileSystem.values()) {
      Path layer = Files.createDirectory(type.mountIn(scratch).resolve("layer"));
      Files.writeString(layer.resolve("of-" + type), "x".repeat(5000));
      Files.writeString(Files.createDirectory(layer.resolve("d")).resolve(type.name()), "");
      options.addLower(layer);
    }
    try (UnionMount mount = UnionMount.of(options.build(), mnt)) {
      // Each file under an inode number and a device of one filesystem.
      assertThat(Programs.sh("find $1 -mindepth 1 -printf '%i\\n' | sort | uniq -d", mnt))
          .isEmpty();
      Programs.sh("cd $1; for f in of-*; do cmp $f of-XFS; echo more >>$f; done", mnt);
      assertThat(mnt.resolve("d").toFile().list()).hasSize(6);
      assertThat(mnt.resolve("of-EXT4")).hasSize(5005);
    }
  }

  /** Data that never reached the disk: every later sync says so, as kernel overlayfs does. */
  @Test
  void volatileUpper_afterAWritebackError_failsEverySync(MountScratch scratch) throws Exception {
    Path small = scratch.directory("small");
    Path fileSystem = scratch.directory("fs");
    // An ext4 that believes in 100 MiB, on 12 MiB of memory.
    Programs.sh(
        "mount -t tmpfs -o size=12m t $1; truncate -s 100M $1/img;"
            + " /sbin/mkfs.ext4 -q -O ^has_journal $1/img; mount -o loop,errors=continue $1/img $2",
        small,
        fileSystem);
    OverlayOptions options = on(fileSystem).volatileUpper(true).build();
    try (UnionMount mount = UnionMount.of(options, mnt)) {
      Programs.sh("echo fine >$1/fine; sync $1/fine", mnt);
      Programs.sh(
          "exec 3>$1/large; dd if=/dev/zero bs=1M count=40 status=none | tr '\\0' x >&3;"
              + " sync -f $2 || true; if sync $1/large || sync $1/fine; then exit 1; fi",
          mnt,
          fileSystem);
    }
  }
}
