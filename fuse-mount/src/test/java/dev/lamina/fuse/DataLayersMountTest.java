package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.linux.Mounts;
import dev.lamina.overlay.Metacopies;
import dev.lamina.overlay.OverlayOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Metacopies in lowers, sound and broken, and data-only layers: shown as kernel overlayfs does. */
@RequiresFuse
@RequiresKernelOverlay
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class DataLayersMountTest {
  /** {@code mc PATH SIZE [REDIRECT [MARK]]} makes a metacopy. */
  private static final String METACOPY =
      """
      mc() {
        mkdir -p "$(dirname "$1")"; truncate -s "$2" "$1"
        setfattr -n trusted.overlay.metacopy ${4:+-v $4} "$1"
        test -z "$3" || setfattr -n trusted.overlay.redirect -v "$3" "$1"
      }
      """;

  private static final String LOWERS =
      """
      cd "$1"; mkdir -p l3 l2/dir l1/dir
      echo 'data of f' >l1/f; echo indir >l1/dir/x; ln -s f l1/link; head -c 100000 /dev/zero >l1/big
      mc l2/f 10; mc l2/big 100000; mc l2/moved 10 f; mc l2/abs 6 /dir/x
      mc l3/f 10; mc l3/chain 10 moved; mc l3/chain2 10 /moved
      mc l2/nodata 10; mc l2/todir 3 dir; mc l2/tolink 3 link; mc l1/bottom 4; mc l2/longer 30 f
      mc l2/relative 6 dir/x; mc l2/dots 4 ../f; mc l2/dot 4 /../f
      mc l2/v1 10 f 0x01040000; mc l2/digest 10 f 0x0008000100112233; mc l2/short 10 f 0x000300
      mkdir l1/o l3/o; echo o >l1/o/a; mc l2/o/b 2; setfattr -n trusted.overlay.opaque -v y l2/o
      mc l3/o/a 2; echo w >l1/w; mknod l2/w c 0 0; mc l3/w 2
      mkdir l1/r1 l2/r2; echo inr >l1/r1/q; setfattr -n trusted.overlay.redirect -v r1 l2/r2
      mc l3/through 4 /r2/q
      """;

  private static final String DATA =
      """
      cd "$1"; mkdir -p l1/x l2 d1/x/adir d1/x2 d1/re d2/x
      echo d1data >d1/x/blob; echo shadow >d2/x/blob; echo d2data >d2/x/blob2
      head -c 100000 /dev/zero >d2/x/big; ln -s x/blob d1/link; echo name >d1/name; mc d1/x/mm 5 /x/blob
      mknod d1/x/wh c 0 0; echo hidden >d2/x/wh; ln -s x2 d1/xs; echo q >d1/x2/q
      setfattr -n trusted.overlay.redirect -v /x2 d1/re
      mc l1/a 7 /x/blob; mc l1/b 7 /x/blob2; mc l1/big 100000 /x/big; mc l1/name 5; mc l1/rel 5 name
      mc l1/missing 5000 /x/none; mc l1/todir 5 /x/adir; mc l1/tolink 5 /link; mc l1/tomark 5 /x/mm
      mc l1/towhiteout 7 /x/wh; mc l1/vialink 2 /xs/q; mc l1/viaredirect 2 /re/q
      mc l2/a 7; mc l2/middle 7 /a; echo low >l1/x/low; mc l2/low 4 /x/low
      mc l2/o/a 7; mc l1/o/a 7 /x/blob; setfattr -n trusted.overlay.opaque -v y l2/o
      """;

  /** Blocks after the data was read: before, both guess by the size where nobody looked. */
  private static final String SHOWN =
      """
      cd "$1"; for f in $2; do
        echo "$f $(stat -c '%s %b %i' $f 2>&1) $(od -An -c -N 30 $f 2>&1) $(stat -c %b $f 2>&1)"
      done
      """;

  private MountScratch scratch;
  private Path target;

  @BeforeEach
  void makePlace(MountScratch place) {
    scratch = place;
    target = place.directory("target");
  }

  private String onKernel(String lowerdir, String options, String names) throws Exception {
    String at = scratch.root() + "/";
    String data = "lowerdir=" + at + lowerdir.replaceAll("(:+)", "$1" + at) + options;
    Mounts.mount("overlay", target.toString(), "overlay", 0, data);
    try {
      return Programs.sh(SHOWN, target, names);
    } finally {
      Mounts.unmount(target.toString(), 0);
    }
  }

  @SuppressWarnings("try") // mounts are used by being there
  private String onOurs(
      List<String> lowers, List<String> dataLowers, Metacopies metacopies, String names)
      throws Exception {
    OverlayOptions.Builder options = OverlayOptions.builder().metacopies(metacopies);
    lowers.forEach(lower -> options.addLower(scratch.root().resolve(lower)));
    dataLowers.forEach(data -> options.addDataLower(scratch.root().resolve(data)));
    try (UnionMount union = UnionMount.of(options.build(), target)) {
      return Programs.sh(SHOWN, target, names);
    }
  }

  @Test
  void metacopiesInLowers_leadToTheirDataOrFail_asInTheKernel() throws Exception {
    Programs.sh(METACOPY + LOWERS, scratch.root());
    String names =
        "f big moved abs chain chain2 nodata todir tolink bottom longer relative dots dot v1"
            + " digest short o/a o/b w through";
    List<String> lowers = List.of("l3", "l2", "l1");
    assertThat(onOurs(lowers, List.of(), Metacopies.ON, names))
        .isEqualTo(onKernel("l3:l2:l1", ",metacopy=on", names));
    // Malformed redirects are not looked at here where nothing follows them.
    String sound = names.replace("relative dots dot ", "");
    assertThat(onOurs(lowers, List.of(), Metacopies.OFF, sound))
        .isEqualTo(onKernel("l3:l2:l1", ",metacopy=off", sound));
  }

  @Test
  @NotOverLibfuse(
      "no node is kept from one call to the next, so st_blocks is of the layer until the data was looked for")
  void dataOnlyLayers_areReachedAsInTheKernel() throws Exception {
    Programs.sh(METACOPY + DATA, scratch.root());
    String names =
        "a b big name rel missing todir tolink tomark towhiteout vialink viaredirect middle low"
            + " o/a";
    List<String> lowers = List.of("l2", "l1");
    List<String> data = List.of("d1", "d2");
    assertThat(onOurs(lowers, data, Metacopies.ON, names))
        .isEqualTo(onKernel("l2:l1::d1::d2", ",metacopy=on", names));
    assertThat(onOurs(lowers, data, Metacopies.OFF, names))
        .isEqualTo(onKernel("l2:l1::d1::d2", ",metacopy=off", names));
  }
}
