package dev.lamina.fuse;

import static dev.lamina.fuse.InodeNumbers.identities;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.KernelOverlay;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.linux.At;
import dev.lamina.linux.Mounts;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.Index;
import dev.lamina.overlay.Metacopies;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.overlay.RedirectDir;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is who over copy-up, rename and remount, against kernel overlayfs on the same lowers. */
@RequiresFuse
@RequiresKernelOverlay
class IdentityTest {
  /** Top layer first argument, base layer second. */
  private static final String LAYERS =
      """
      mkdir $1/both $2/both $2/base $1/opaque $2/opaque $2/nested $2/nested/deep
      setfattr -n trusted.overlay.opaque -v y $1/opaque
      for f in chmod chown write append truncate xattr times moved over linked deleted one two; do
        echo $f > $2/$f
      done
      echo top > $1/top; echo x > $1/both/fromtop; echo y > $2/both/frombase
      echo z > $2/base/inner; echo q > $1/opaque/kept; echo gone > $2/opaque/gone
      echo n > $2/nested/deep/leaf; echo h > $2/hard1; ln $2/hard1 $2/hard2
      ln -s target $2/symlink; mknod $2/fifo p; mknod $2/device c 1 3
      """;

  private static final String CHANGES =
      """
      cd $1
      chmod 700 chmod fifo device both opaque base hard1 top
      chown -h 5:6 chown symlink
      echo new > write; echo more >> append; : > truncate; truncate -s 1 both/frombase
      setfattr -n user.x -v y xattr; touch -d 2001-01-01 times nested/deep/leaf
      mkdir fresh; echo 1 > fresh/file; mkdir fresh/sub
      mv moved fresh/sub/arrived; mv over fresh/file; mv symlink fresh/symlink
      ln linked fresh/link; rm deleted; echo again > deleted
      mv fresh/sub base/sub; mv opaque/kept both/kept
      exchange() { python3 -c 'import ctypes, os, sys
      a, b = map(os.fsencode, sys.argv[1:])
      sys.exit(ctypes.CDLL(None).renameat2(-100, a, -100, b, 2))' "$1" "$2"; }
      echo by exchange > fresh/new; exchange fresh/new one; exchange two base/inner
      """;

  /** More, with redirect_dir=on: merged and lower directories move. */
  private static final String MOVES =
      """
      cd $1
      touch both/new; mv both both2; mv both2/fromtop both2/fromtop2; mv base opaque/base2
      mv nested/deep deeper; mv nested deeper/nested2
      """;

  private Path scratch;
  private List<Path> lowers;
  private Path ours;
  private Path theirs;
  private RedirectDir redirectDir = RedirectDir.OFF;
  private String changes = CHANGES;

  @BeforeEach
  void makeDirectories(MountScratch mountScratch) {
    scratch = mountScratch.root();
    lowers = new ArrayList<>();
    lowers.add(mountScratch.directory("top"));
    lowers.add(mountScratch.directory("base"));
    ours = mountScratch.directory("ours");
    theirs = mountScratch.directory("theirs");
    for (Path side : List.of(ours, theirs)) {
      for (String name : List.of("upper", "work", "mnt")) {
        mountScratch.directory(scratch.relativize(side.resolve(name)).toString());
      }
    }
  }

  private AutoCloseable lamina(Path upper) throws Exception {
    OverlayOptions.Builder options =
        OverlayOptions.builder()
            .redirectDir(redirectDir)
            .index(Index.OFF)
            .writable(upper.resolve("upper"), upper.resolve("work"))
            .metacopies(Metacopies.OFF)
            .privateXattrs(OverlayOptions.PrivateXattrs.TRUSTED);
    lowers.forEach(options::addLower);
    Overlay overlay = Overlay.open(options.build());
    FuseMount mount = TestMounts.of(overlay.inodes()).on(ours.resolve("mnt")).mount();
    return () -> {
      mount.close();
      overlay.close();
    };
  }

  private AutoCloseable kernel(Path upper) throws Exception {
    List<String> options = new ArrayList<>(List.of("xino=on", "index=off", "metacopy=off"));
    options.add("redirect_dir=" + (redirectDir == RedirectDir.ON ? "on" : "off"));
    return KernelOverlay.mount(
        lowers, upper.resolve("upper"), upper.resolve("work"), theirs.resolve("mnt"), options);
  }

  private SortedMap<String, Long> ourNumbers() throws Exception {
    return InodeNumbers.of(ours.resolve("mnt"));
  }

  private SortedMap<String, Long> theirNumbers() throws Exception {
    return InodeNumbers.of(theirs.resolve("mnt"));
  }

  /** Each origin and impure mark of an upper, in the order of paths. */
  private static String marks(Path side) throws Exception {
    return Programs.sh(
        "cd $1; find . | LC_ALL=C sort | tr '\\n' '\\0' |"
            + " xargs -0 getfattr -h -e hex -d -m 'overlay.(origin|impure)'",
        side.resolve("upper"));
  }

  @Test
  @NotOverLibfuse("the protocol that it speaks has no flags of rename")
  void everyChange_keepsNumbersAndMarksAsKernelOverlayfs() throws Exception {
    Programs.sh(LAYERS, lowers.get(0), lowers.get(1));
    checkBothWays("base/sub/arrived");
  }

  /** Without its lower's number a moved directory had number 0, which readdir(3) passes by. */
  @Test
  @NotOverLibfuse("the protocol that it speaks has no flags of rename")
  void movedDirectories_keepNumbersAndMarksAsKernelOverlayfs() throws Exception {
    redirectDir = RedirectDir.ON;
    changes = CHANGES + MOVES;
    Programs.sh(LAYERS, lowers.get(0), lowers.get(1));
    checkBothWays("opaque/base2/sub/arrived");
  }

  @Test
  @SuppressWarnings("try") // mounts are used by being there
  void movedDirectory_isListedAfterARemount() throws Exception {
    redirectDir = RedirectDir.ON;
    Programs.sh(LAYERS, lowers.get(0), lowers.get(1));
    try (AutoCloseable mount = lamina(ours)) {
      Programs.sh("mv $1/mnt/base $1/mnt/away", ours);
    }
    try (AutoCloseable mount = lamina(ours)) {
      assertThat(Programs.sh("ls $1/mnt", ours).lines()).contains("away").doesNotContain("base");
    }
  }

  @Test
  @NotOverLibfuse("the protocol that it speaks has no flags of rename")
  void lowersOnTmpfs_keepNumbersAndMarksAsKernelOverlayfs() throws Exception {
    Mounts.mount("tmpfs", lowers.get(0).toString(), "tmpfs", 0, "");
    Mounts.mount("tmpfs", lowers.get(1).toString(), "tmpfs", 0, "");
    Programs.sh(LAYERS, lowers.get(0), lowers.get(1));
    checkBothWays("base/sub/arrived");
    Mounts.unmount(lowers.get(0).toString(), 0);
    Mounts.unmount(lowers.get(1).toString(), 0);
  }

  /** An overlay gives no handles: copies are marked so, and have numbers of their own later. */
  @Test
  @SuppressWarnings("try") // mounts are used by being there
  @NotOverLibfuse("the protocol that it speaks has no flags of rename")
  void lowersWithoutHandles_areMarkedAsByKernelOverlayfs() throws Exception {
    Programs.sh(LAYERS, lowers.get(0), lowers.get(1));
    Path overlaid = scratch.resolve("overlaid");
    Programs.sh("mkdir $1 $1-upper $1-work", overlaid);
    List<Path> inner = List.of(lowers.get(1));
    Path upper = scratch.resolve("overlaid-upper");
    Path work = scratch.resolve("overlaid-work");
    try (KernelOverlay mount =
        KernelOverlay.mount(inner, upper, work, overlaid, KernelOverlay.PLAIN)) {
      lowers.set(1, mount.mountPoint());
      try (AutoCloseable a = lamina(ours);
          AutoCloseable b = kernel(theirs)) {
        SortedMap<String, Long> before = ourNumbers();
        Programs.sh(CHANGES, ours.resolve("mnt"));
        Programs.sh(CHANGES, theirs.resolve("mnt"));
        assertThat(identities(before, ourNumbers())).containsEntry("base/sub/arrived", "moved");
      }
      assertThat(marks(ours)).isEqualTo(marks(theirs)).contains("trusted.overlay.origin=0x\n");
      try (AutoCloseable a = lamina(ours)) {
        SortedMap<String, Long> after = ourNumbers();
        assertThat(after.get("linked")).isEqualTo(after.get("fresh/link"));
      }
    }
  }

  /** Changes both, remounts both, then each reads the other's upper. */
  @SuppressWarnings("try") // mounts are used by being there
  private void checkBothWays(String arrived) throws Exception {
    SortedMap<String, Long> ourFirst;
    SortedMap<String, Long> theirFirst;
    SortedMap<String, String> expected;
    try (AutoCloseable a = lamina(ours);
        AutoCloseable b = kernel(theirs)) {
      ourFirst = ourNumbers();
      theirFirst = theirNumbers();
      Programs.sh(changes, ours.resolve("mnt"));
      Programs.sh(changes, theirs.resolve("mnt"));
      expected = identities(theirFirst, theirNumbers());
      assertThat(expected).containsEntry(arrived, "moved").containsEntry("hard1", null);
      assertThat(identities(ourFirst, ourNumbers())).as("after all changes").isEqualTo(expected);
    }
    assertThat(marks(ours)).isEqualTo(marks(theirs)).contains("origin=0x00fb", "impure");
    try (AutoCloseable a = lamina(ours);
        AutoCloseable b = kernel(theirs)) {
      assertThat(identities(theirFirst, theirNumbers())).isEqualTo(expected);
      assertThat(identities(ourFirst, ourNumbers())).as("after a remount").isEqualTo(expected);
    }
    try (AutoCloseable a = lamina(theirs)) {
      assertThat(ofOtherUpper(ourFirst, ourNumbers())).as("Lamina, kernel's").isEqualTo(expected);
    }
    try (AutoCloseable b = kernel(ours)) {
      assertThat(ofOtherUpper(theirFirst, theirNumbers()))
          .as("kernel, Lamina's")
          .isEqualTo(expected);
    }
  }

  /** As identities; the root has the number of the upper's own root, which is another one here. */
  private static SortedMap<String, String> ofOtherUpper(
      SortedMap<String, Long> before, SortedMap<String, Long> after) {
    SortedMap<String, String> identities = identities(before, after);
    assertThat(identities.put("", "")).isNull();
    return identities;
  }

  @Test
  @SuppressWarnings("try")
  @NotOverLibfuse("the protocol that it speaks has no birth time")
  void birthTime_isThatOfTheFileBehind() throws Exception {
    Programs.sh(LAYERS, lowers.get(0), lowers.get(1));
    try (AutoCloseable mount = lamina(ours)) {
      Stat shown = new Stat();
      Stat real = new Stat();
      stat(ours.resolve("mnt/write"), shown);
      stat(lowers.get(1).resolve("write"), real);
      assertThat(shown.btime).isEqualTo(real.btime).isNotZero();
      assertThat(shown.btimeNanos).isEqualTo(real.btimeNanos);
      Programs.sh("echo more >> $1/mnt/write", ours);
      stat(ours.resolve("mnt/write"), shown);
      stat(ours.resolve("upper/write"), real);
      assertThat(shown.btime).isEqualTo(real.btime).isNotZero();
      assertThat(shown.btimeNanos).isEqualTo(real.btimeNanos);
    }
  }

  private static void stat(Path path, Stat stat) throws Exception {
    assertThat(At.stat(At.FDCWD, Name.of(path.toString()), stat)).isTrue();
  }
}
