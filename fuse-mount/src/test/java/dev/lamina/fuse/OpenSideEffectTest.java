package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.overlay.Index;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** An open for writing that promotes a file changes attributes that the kernel holds cached. */
@RequiresFuse
class OpenSideEffectTest {
  @Test
  void inodeNumberOfAPromotedHardLink_isNotStale(MountScratch scratch) throws Exception {
    Path lower = scratch.directory("lower");
    Files.writeString(lower.resolve("f"), "content");
    Files.createLink(lower.resolve("g"), lower.resolve("f"));
    OverlayOptions options =
        OverlayOptions.builder()
            .addLower(lower)
            .writable(scratch.directory("upper"), scratch.directory("work"))
            .index(Index.OFF)
            .build();
    try (Overlay overlay = Overlay.open(options);
        FuseMount mount = TestMounts.of(overlay.inodes()).on(scratch.directory("target")).mount()) {
      Path file = mount.mountPoint().resolve("f");
      assertThat(inode(file)).isEqualTo(inode(mount.mountPoint().resolve("g")));
      // Opens for reading and writing, and does neither.
      Programs.sh(": 3<>\"$1\"", file);
      assertThat(inode(file)).isNotEqualTo(inode(mount.mountPoint().resolve("g")));
      assertThat(Files.getAttribute(file, "unix:ctime"))
          .isEqualTo(Files.getAttribute(scratch.root().resolve("upper/f"), "unix:ctime"));
    }
  }

  private static Object inode(Path path) throws Exception {
    return Files.getAttribute(path, "unix:ino");
  }
}
