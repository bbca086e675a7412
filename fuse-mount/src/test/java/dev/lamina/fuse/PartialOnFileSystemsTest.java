package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFileSystems;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.ScratchFileSystem;
import dev.lamina.fixtures.tree.LowersUnchanged;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayMetrics;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.overlay.event.PromotionKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Large files come up by sharing blocks where the filesystem can, else block by block. */
@RequiresFuse
@RequiresFileSystems
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class PartialOnFileSystemsTest {
  @ParameterizedTest
  @CsvSource({
    "XFS, XFS, true",
    "BTRFS, BTRFS, true",
    "EXT4, EXT4, false",
    "TMPFS, TMPFS, false",
    "EXT4, XFS, false",
    "EXT4, BTRFS, false",
    "BTRFS, EXT4, false"
  })
  void firstWrites_shareBlocksOrCopyOnlyThem(
      ScratchFileSystem below, ScratchFileSystem above, boolean shares, MountScratch scratch)
      throws Exception {
    Path place = above.mountIn(scratch);
    Path lower = (below == above ? place : below.mountIn(scratch)).resolve("lower");
    Path upper = Files.createDirectory(place.resolve("upper"));
    Path work = Files.createDirectory(place.resolve("work"));
    Path target = scratch.directory("target");
    Files.createDirectory(lower);
    Programs.sh(
        "head -c 12M /dev/urandom >\"$1/big\"; cp \"$1/big\" \"$1/other\"; sync -f \"$1\"", lower);
    LowersUnchanged lowers = new LowersUnchanged().watchAll(List.of(lower));
    OverlayOptions.Builder options =
        OverlayOptions.builder()
            .addLower(lower)
            .writable(upper, work)
            .partialFrom(4 << 20)
            // Nothing is copied before the test has looked.
            .partialQuiet(Duration.ofDays(1));
    Path mark = work.resolve("work/incompat/lamina-partial");
    try (Overlay overlay = Overlay.open(options.build());
        FuseMount mount = TestMounts.of(overlay.inodes()).on(target).mount()) {
      Path file = mount.mountPoint().resolve("big");
      Programs.sh("printf changed | dd of=\"$1\" bs=1 seek=5000000 conv=notrunc 2>&1", file);
      assertThat(Files.exists(mark)).as("in flight").isEqualTo(!shares);
      Path other = mount.mountPoint().resolve("other");
      assertThat(Programs.sh(RandomAccess.SCRIPT, other, lower.resolve("other"))).isEqualTo("same");
      OverlayMetrics metrics = overlay.metrics();
      assertThat(metrics.promotions().get(PromotionKind.REFLINK).count()).isEqualTo(shares ? 2 : 0);
      assertThat(metrics.partialFiles()).isLessThanOrEqualTo(shares ? 0 : 2);
    }
    assertThat(mark).doesNotExist();
    assertThat(
            Programs.sh(
                """
                getfattr -R -d -m trusted.overlay.metacopy "$2"
                cmp -n 5000000 "$1/big" "$2/big"
                cmp -i 5000007 "$1/big" "$2/big"
                dd if="$2/big" bs=1 skip=5000000 count=7 2>/dev/null
                """,
                lower,
                upper))
        .isEqualTo("changed");
    lowers.verify();
  }
}
