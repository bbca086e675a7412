package dev.lamina.layer;

import static dev.lamina.fixtures.tree.TreeSnapshotAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Detail;
import dev.lamina.fixtures.tree.TreeSnapshot;
import dev.lamina.image.ImageException;
import dev.lamina.store.StoreFixture;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Layers made to escape, by what they try; where it was once a hole in a container tool, its CVE is
 * in the name. A victim directory beside the store must be unchanged, and a refusal leaves nothing
 * in the store ({@link StoreFixture#refused} checks both).
 */
@RequiresKernelOverlay
final class AttacksTest {
  private StoreFixture store;
  private Path victim;

  @BeforeEach
  void openStore(MountScratch scratch) throws IOException {
    store = new StoreFixture(scratch);
    victim = scratch.directory("outside");
    Files.writeString(victim.resolve("shadow"), "secret");
  }

  private static TarBuilder tar() {
    return new TarBuilder();
  }

  /** Unpacks and checks that the victim is as it was. */
  private TreeSnapshot contained(TarBuilder layer) throws IOException {
    TreeSnapshot before = TreeSnapshot.of(victim, Detail.EVERYTHING);
    TreeSnapshot tree = store.tree(layer);
    assertThat(TreeSnapshot.of(victim, Detail.EVERYTHING)).isSameTreeAs(before);
    return tree;
  }

  @Test
  void dotDot_inAPath_isRefused() throws IOException {
    for (String path : new String[] {"../x", "a/../../x", "..", "a/.."}) {
      assertThat(store.refused(tar().file(path, "x")))
          .hasMessageContaining("..")
          .extracting(ImageException::kind)
          .isEqualTo(ImageException.Kind.REFUSED);
    }
  }

  @Test
  void absolutePath_landsInside() throws IOException {
    TreeSnapshot tree = contained(tar().file(victim + "/new", "x").file("//a///./b", "y"));
    assertThat(tree.nodes()).containsKeys(victim.toString().substring(1) + "/new", "a/b");
  }

  @Test
  void fileThroughSymlink_landsInside_cve20149356() throws IOException {
    TreeSnapshot tree =
        contained(
            tar()
                .symlink("abs", victim.toString())
                .file("abs/shadow", "evil")
                .symlink("up", "../../../../../.." + victim)
                .file("up/other", "evil"));
    String inside = victim.toString().substring(1);
    assertThat(tree.nodes()).containsKeys(inside + "/shadow", inside + "/other");
  }

  @Test
  void rootThatIsASymlink_isRefused_cve202129136() throws IOException {
    for (String root : new String[] {"/", ".", "/.", "./"}) {
      ImageException refusal =
          store.refused(tar().symlink(root, victim.toString()).file("shadow", "evil"));
      assertThat(refusal).hasMessageContaining("root is not a directory");
    }
  }

  @Test
  void hardLinkOutside_isRefusedOrResolvedInside() throws IOException {
    assertThat(store.refused(tar().hardLink("a", "../outside/shadow"))).hasMessageContaining("..");
    assertThat(store.refused(tar().hardLink("a", victim + "/shadow")))
        .hasMessageContaining("does not exist");
    assertThat(store.refused(tar().symlink("l", victim.toString()).hardLink("a", "l/shadow")))
        .hasMessageContaining("does not exist");
    assertThat(store.refused(tar().hardLink("a", "/"))).hasMessageContaining("root directory");
  }

  @Test
  void hardLinkToSymlink_thenNewAttributes_cve202132760() throws IOException {
    TreeSnapshot tree =
        contained(
            tar()
                .symlink("l", victim + "/shadow")
                .hardLink("h", "l")
                .mode(04777)
                .owner(1, 1)
                .file("h", "evil")
                .mode(04777));
    assertThat(tree.nodes().get("l").target()).isEqualTo(victim + "/shadow");
  }

  @Test
  void directorySwappedForSymlink_whileUnpacking_cve202547290() throws IOException {
    TreeSnapshot tree =
        contained(
            tar()
                .dir("d")
                .file("d/a", "x")
                .symlink("d", victim.toString())
                .file("d/shadow", "evil")
                .whiteout("d/shadow")
                .dir("e")
                .file("e/a", "x")
                .symlink("e", "../../../.." + victim)
                .dir("e")
                .file("e/b", "x"));
    assertThat(tree.nodes().get("e").mode() & 0170000).isEqualTo(0040000);
    assertThat(tree.nodes()).containsKey("e/b").doesNotContainKey("e/a");
  }

  @Test
  void whiteoutsOfDotNames_areRefused() throws IOException {
    for (String name : new String[] {".wh.", ".wh..", ".wh...", "d/.wh..", "d/.wh..."}) {
      assertThat(store.refused(tar().dir("d").file("d/f", "x").file(name, "")))
          .hasMessageContaining("whiteout of no proper name");
    }
  }

  @Test
  void entryBelowAWhiteout_isRefused() throws IOException {
    assertThat(store.refused(tar().file("d/.wh.x/y", ""))).hasMessageContaining("below a whiteout");
  }

  @Test
  void marksThroughSymlinks_deleteInsideOnly() throws IOException {
    TreeSnapshot before = TreeSnapshot.of(victim, Detail.EVERYTHING);
    TarBuilder lower = tar().dir("real").file("real/f", "x").symlink("l", victim.toString());
    TreeSnapshot tree =
        store.merged(lower, tar().whiteout("l/shadow").opaque("l").file("real/g", "y"));
    assertThat(TreeSnapshot.of(victim, Detail.EVERYTHING)).isSameTreeAs(before);
    assertThat(tree.nodes()).containsKeys("real/f", "real/g", "l");
  }

  @Test
  void whiteoutOfASymlink_removesTheLink() throws IOException {
    TarBuilder lower = tar().dir("real").file("real/f", "x").symlink("l", "real");
    TreeSnapshot tree = store.merged(lower, tar().whiteout("l"));
    assertThat(tree.nodes()).containsKey("real/f").doesNotContainKey("l");
  }

  @Test
  void symlinkLoops_endInAClearError() throws IOException {
    assertThat(store.refused(tar().symlink("a", "b").symlink("b", "a").file("a/f", "x")))
        .hasMessageContaining("ELOOP");
    assertThat(store.refused(tar().symlink("a", "a/a/a").file("a/f", "x")))
        .hasMessageContaining("ELOOP");
  }

  @Test
  void pathsTooDeepOrLong_endInAClearError() throws IOException {
    String deep = String.join("/", Collections.nCopies(4096, "d"));
    assertThat(store.refused(tar().file(deep, "x"))).hasMessageContaining("4095");
    assertThat(store.refused(tar().file("n".repeat(256), "x"))).hasMessageContaining("255");
    assertThat(store.refused(tar().symlink("l", "t/".repeat(3000)))).hasMessageContaining("4095");
  }

  @Test
  void deepestPossiblePath_isKeptAndDeleted() throws IOException {
    String deep = String.join("/", Collections.nCopies(2047, "d"));
    // Ends with a file where the tree was: all of it is deleted again.
    assertThat(store.tree(tar().file(deep + "/f", "x").file("d", "y")).nodes()).hasSize(2);
  }

  @Test
  void storeRoot_isClosedToOtherUsers() throws IOException {
    store.unpack(tar().file("su", "x").mode(04755));
    assertThat(Files.getAttribute(store.root(), "unix:mode")).isEqualTo(0040700);
  }

  @Test
  void oversizedPaxHeader_isRefused_cve202135517() throws IOException {
    TarBuilder tar = tar().entry('x', "pax", "").size(1L << 33);
    assertThat(store.refused(new ImageBuilder().layer(tar.bytes())).kind())
        .isEqualTo(ImageException.Kind.LIMIT);
  }

  @Test
  void numbersOfManyDigits_areRefused_cve202342503() throws IOException {
    assertThat(store.refused(tar().file("a", "").rawPax("1".repeat(5000) + " a=b\n")).kind())
        .isEqualTo(ImageException.Kind.MALFORMED);
    assertThat(store.refused(tar().file("a", "").pax("size", "9".repeat(30))).kind())
        .isEqualTo(ImageException.Kind.MALFORMED);
  }

  @Test
  void sparseMapWithoutEnd_isRefused_cve202558183() throws IOException {
    TarBuilder tar =
        tar()
            .file("a", "1000000000\n" + " ".repeat(600))
            .pax("GNU.sparse.major", "1")
            .pax("GNU.sparse.minor", "0")
            .pax("GNU.sparse.realsize", "10");
    assertThat(store.refused(tar).kind()).isEqualTo(ImageException.Kind.LIMIT);
  }

  @Test
  void paxSizeBeforeAnotherExtendedHeader_doesNotDesynchronize_cve202653655() throws IOException {
    // "size" of the PAX header is that of "a", not of the GNU long name between them.
    byte[] longName = Arrays.copyOf("a".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 2);
    byte[] pax = "9 size=3\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    TarBuilder tar =
        tar()
            .entry('x', "pax", "")
            .data(pax)
            .entry('L', "././@LongLink", "")
            .data(longName)
            .entry('0', "ignored", "")
            .data(new byte[] {1, 2, 3})
            .file("b", "x");
    assertThat(contained(tar).nodes().keySet()).containsExactly(".", "a", "b");
  }

  @Test
  void wrongDigest_leavesNothing() throws IOException {
    ImageBuilder image =
        new ImageBuilder().layer(tar().file("a", "x")).stored(AttacksTest::flipLastByte);
    assertThat(store.refused(image))
        .hasMessageContaining("does not have the digest")
        .hasMessageContaining("layer 1 of 1")
        .extracting(ImageException::kind)
        .isEqualTo(ImageException.Kind.MISMATCH);
  }

  @Test
  void shortAndLongBlobs_leaveNothing() throws IOException {
    ImageBuilder shorter =
        new ImageBuilder()
            .layer(tar().file("a", "x"))
            .stored(blob -> Arrays.copyOf(blob, blob.length - 1));
    assertThat(store.refused(shorter).kind()).isEqualTo(ImageException.Kind.MISMATCH);
    ImageBuilder longer =
        new ImageBuilder()
            .layer(tar().file("a", "x"))
            .stored(blob -> Arrays.copyOf(blob, blob.length + 1));
    assertThat(store.refused(longer).kind()).isEqualTo(ImageException.Kind.MISMATCH);
  }

  @Test
  void wrongDiffId_leavesNothing() throws IOException {
    ImageBuilder image =
        new ImageBuilder().layer(tar().file("a", "x")).diffId("sha256:" + "0".repeat(64));
    assertThat(store.refused(image)).hasMessageContaining("diffID");
  }

  @Test
  void dataAfterTheCompressedStream_leavesNothing() throws IOException {
    byte[] tar = tar().file("a", "x").bytes();
    byte[] gzip =
        new ImageBuilder()
            .layer(tar).ociFiles("v1").values().stream()
                .filter(blob -> blob.length > 2 && blob[0] == 0x1f)
                .findFirst()
                .orElseThrow();
    byte[] longer = Arrays.copyOf(gzip, gzip.length + 100);
    Arrays.fill(longer, gzip.length, longer.length, (byte) 'x');
    assertThat(store.refused(new ImageBuilder().layer(tar, longer, "")).kind())
        .isEqualTo(ImageException.Kind.MALFORMED);
  }

  @Test
  void oneBadLayerAmongGoodOnes_leavesNothing() throws IOException {
    ImageBuilder image =
        new ImageBuilder()
            .layer(tar().file("a", "x"))
            .layer(tar().file("b", "x"))
            .stored(AttacksTest::flipLastByte)
            .layer(tar().file("c", "x"));
    assertThat(store.refused(image)).hasMessageContaining("layer 2 of 3");
  }

  @Test
  void digestThatIsAPath_isRefused_cve20149358_cve20243727() throws IOException {
    for (String digest :
        new String[] {"sha256:../../x", "../../x", "sha256:", "md5:" + "0".repeat(32)}) {
      ImageBuilder image = new ImageBuilder().layer(tar().file("a", "x")).layerDigest(digest);
      assertThat(store.refused(image).kind()).isEqualTo(ImageException.Kind.MALFORMED);
    }
  }

  @Test
  void manifestThatIsAlsoAnIndex_isRefused_cve202141190() throws IOException {
    ImageBuilder image =
        new ImageBuilder().layer(tar().file("a", "x")).manifestFields(",\"manifests\":[]");
    assertThat(store.refused(image)).hasMessageContaining("CVE-2021-41190");
  }

  @Test
  void claimedDiffIdOfABaseLayer_doesNotPoisonIt_cve20148178() throws IOException {
    ImageBuilder base = new ImageBuilder().layer(tar().file("a", "real"));
    ImageBuilder liar = new ImageBuilder().layer(tar().file("a", "fake"));
    String honest = diffId(base);
    store.refused(liar.diffId(honest));
    assertThat(store.unpack(base).layers().get(0).diffId()).hasToString(honest);
  }

  private String diffId(ImageBuilder image) throws IOException {
    StoredImage stored = store.unpack(image);
    String diffId = stored.layers().get(0).diffId().toString();
    dev.lamina.fixtures.tree.Trees.delete(store.root());
    return diffId;
  }

  @Test
  void ownersOutOfRange_areRefused_cve202440635() throws IOException {
    for (String id : new String[] {"-1", "4294967295", "4294967296", "99999999999999999"}) {
      ImageException refusal = store.refused(tar().file("a", "x").pax("uid", id));
      assertThat(refusal.kind()).isEqualTo(ImageException.Kind.REFUSED);
      assertThat(store.refused(tar().file("a", "x").pax("gid", id))).isNotNull();
    }
    ImageException base256 =
        store.refused(tar().file("a", "x").header(h -> Arrays.fill(h, 108, 116, (byte) 0xff)));
    assertThat(base256).hasMessageContaining("uid -1");
  }

  @Test
  void largestOwner_isKept() throws IOException {
    assertThat(contained(tar().file("a", "x").pax("uid", "4294967294")).nodes().get("a").owner())
        .isEqualTo(Integer.toString(-2) + ":0");
  }

  @Test
  void unionXattrsInAnArchive_neverDriveTheUnion() throws IOException {
    TarBuilder lower = tar().dir("d").file("d/f", "x");
    TarBuilder upper =
        tar()
            .dir("d")
            .xattr("trusted.overlay.opaque", "y")
            .xattr("user.overlay.opaque", "y")
            .xattr("user.fuseoverlayfs.opaque", "y")
            .xattr("user.containers.override_stat", "9:9:0777:dir")
            .file("d/g", "y")
            .xattr("trusted.overlay.redirect", "/d/f")
            .xattr("trusted.overlay.metacopy", "");
    TreeSnapshot tree = store.merged(lower, upper);
    assertThat(tree.nodes()).containsKeys("d/f", "d/g");
    TreeSnapshot stored =
        TreeSnapshot.of(store.unpack(lower, upper).layers().get(0).tree(), Detail.EVERYTHING);
    assertThat(stored.nodes().get("d").xattrs())
        .isEqualTo(
            Map.of("trusted.overlay.overlay.opaque", "y", "user.overlay.overlay.opaque", "y"));
  }

  @Test
  void charDevice00InAnArchive_isRefused() throws IOException {
    assertThat(store.refused(tar().charDevice("a", 0, 0))).hasMessageContaining("whiteout");
  }

  @Test
  void namesOfAnyBytes_areKept() throws IOException {
    String[] names = {
      "new\nline",
      "\u00ff\u00fe not utf-8",
      "\u0001",
      " ",
      "\\",
      "n".repeat(255),
      "\u00fc".repeat(120)
    };
    TarBuilder tar = tar();
    for (String name : names) {
      tar.file(name, "x").xattr("user.x", "y");
    }
    assertThat(contained(tar).nodes().keySet()).contains(names);
  }

  @Test
  void nameWithANul_isRefused() throws IOException {
    assertThat(store.refused(tar().file("a", "x").pax("path", "a\0b"))).hasMessageContaining("NUL");
  }

  @Test
  void manyXattrs_areBounded() throws IOException {
    TarBuilder tar = tar().file("a", "x");
    for (int i = 0; i < 50_000; i++) {
      tar.xattr("user." + i, "value of some length");
    }
    assertThat(store.refused(tar).kind()).isEqualTo(ImageException.Kind.LIMIT);
    TarBuilder large = tar().file("a", "x").xattr("user.large", "y".repeat((1 << 16) + 1));
    assertThat(store.refused(large).kind()).isEqualTo(ImageException.Kind.LIMIT);
    TarBuilder longName = tar().file("a", "x").xattr("user." + "n".repeat(251), "y");
    assertThat(store.refused(longName).kind()).isEqualTo(ImageException.Kind.LIMIT);
  }

  private static byte[] flipLastByte(byte[] blob) {
    byte[] flipped = blob.clone();
    flipped[flipped.length - 1] ^= 1;
    return flipped;
  }
}
