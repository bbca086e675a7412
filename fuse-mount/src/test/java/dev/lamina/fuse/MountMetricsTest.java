package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fuse.metrics.MountMetrics;
import dev.lamina.fuse.metrics.OpenKind;
import dev.lamina.fuse.session.PassthroughPolicy;
import dev.lamina.linux.Errno;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayMetrics;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.overlay.event.OverlayListener;
import dev.lamina.overlay.event.PromotionKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Figures of a mount against what programs did in it. */
@RequiresFuse
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class MountMetricsTest {
  @Test
  void figuresAreThoseOfWhatWasDone(MountScratch scratch) throws Exception {
    Path lower = scratch.directory("lower");
    Programs.sh(
        "cd \"$1\"; mkdir d; for i in 1 2 3 4 5; do echo below >d/f$i; done; echo b >g", lower);
    Path upper = scratch.directory("upper");
    OverlayOptions options =
        OverlayOptions.builder().addLower(lower).writable(upper, scratch.directory("work")).build();
    try (Overlay overlay = Overlay.open(options);
        FuseMount mount =
            TestMounts.of(overlay.inodes())
                .on(scratch.directory("mount"))
                .passthrough(PassthroughPolicy.OFF)
                .mount()) {
      Programs.sh(
          """
          cd "$1"
          echo more >>d/f1
          echo more >>d/f2
          chmod 600 d/f3
          rm d/f4 d/f5
          mv g h
          cat d/f1 >/dev/null
          stat nothing 2>/dev/null || true
          """,
          mount.mountPoint());
      MountMetrics server = mount.metrics();
      assertThat(count(server, "UNLINK")).isEqualTo(2);
      assertThat(count(server, "RENAME2") + count(server, "RENAME")).isEqualTo(1);
      assertThat(count(server, "WRITE")).isEqualTo(2);
      assertThat(count(server, "OPEN"))
          .isEqualTo(server.opens().values().stream().mapToLong(Long::longValue).sum())
          .isEqualTo(3);
      assertThat(server.opens().get(OpenKind.PASSTHROUGH)).isZero();
      assertThat(server.requests().get("WRITE").nanos()).isPositive();
      assertThat(server.errors()).doesNotContainKey(Errno.EIO);

      OverlayMetrics union = overlay.metrics();
      assertThat(union.promotions().get(PromotionKind.COPY))
          .isEqualTo(new OverlayMetrics.Promotions(2, 12));
      // The directory; what was chmodded; what was renamed.
      assertThat(union.promotions().get(PromotionKind.METADATA).count()).isEqualTo(3);
      assertThat(union.whiteouts()).isEqualTo(3);
      assertThat(union.names().resolved()).isPositive();
      assertThat(union.promotionFailures()).isZero();
    }
  }

  private static long count(MountMetrics metrics, String kind) {
    return metrics.requests().containsKey(kind) ? metrics.requests().get(kind).count() : 0;
  }

  @Test
  void fullUpper_isToldAndCounted(MountScratch scratch) throws Exception {
    Path room = scratch.directory("room");
    Programs.sh("mount -t tmpfs -o size=2m tmpfs \"$1\"", room);
    List<String> told = new CopyOnWriteArrayList<>();
    OverlayListener listener =
        new OverlayListener() {
          @Override
          public void requestFailed(String operation, long inode, int errno) {
            told.add(operation + " " + inode + " " + errno);
          }
        };
    OverlayOptions options =
        OverlayOptions.builder()
            .addLower(scratch.directory("lower"))
            .writable(
                Files.createDirectory(room.resolve("upper")),
                Files.createDirectory(room.resolve("work")))
            .listener(listener)
            .build();
    try (Overlay overlay = Overlay.open(options);
        FuseMount mount =
            TestMounts.of(overlay.inodes())
                .on(scratch.directory("mount"))
                .passthrough(PassthroughPolicy.OFF)
                .mount()) {
      Path file = mount.mountPoint().resolve("f");
      Programs.sh("head -c 4M /dev/zero >\"$1\" 2>/dev/null || true", file);
      long inode = (Long) Files.getAttribute(file, "unix:ino");
      assertThat(told).contains("WRITE " + inode + " " + Errno.ENOSPC);
      assertThat(mount.metrics().errors().get(Errno.ENOSPC)).isEqualTo((long) told.size());
    } finally {
      Programs.sh("umount -l \"$1\"", room);
    }
  }
}
