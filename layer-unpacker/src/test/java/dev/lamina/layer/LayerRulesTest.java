package dev.lamina.layer;

import static dev.lamina.fixtures.tree.TreeSnapshotAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Detail;
import dev.lamina.fixtures.tree.TreeNode;
import dev.lamina.fixtures.tree.TreeSnapshot;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.linux.FileMode;
import dev.lamina.store.StoreFixture;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The rules of the OCI image specification for applying layers, one test or more for each. Trees
 * are looked at through kernel overlayfs, where several layers take part.
 */
@RequiresKernelOverlay
final class LayerRulesTest {
  private StoreFixture store;

  @BeforeEach
  void openStore(MountScratch scratch) {
    store = new StoreFixture(scratch);
  }

  private static TarBuilder tar() {
    return new TarBuilder();
  }

  private static TreeNode node(TreeSnapshot tree, String path) {
    TreeNode node = tree.nodes().get(path);
    assertThat(node).as(path).isNotNull();
    return node;
  }

  // Rule 1: from an empty directory, in order.

  @Test
  void layers_applyInOrder() throws IOException {
    TreeSnapshot tree =
        store.merged(
            tar().file("a", "1").file("b", "1"), tar().file("b", "2"), tar().file("c", "3"));
    assertThat(tree).isSameTreeAs(store.merged(tar().file("a", "1").file("b", "2").file("c", "3")));
  }

  // Rule 2: compression by magic; CompressionTest has all of them.

  @Test
  void layer_whoseMediaTypeLies_isReadByItsMagic() throws IOException {
    byte[] tar = tar().file("a", "1").bytes();
    StoredImage image =
        store.unpack(
            new ImageBuilder().layer(tar, tar, "application/vnd.oci.image.layer.v1.tar+gzip"));
    assertThat(image.layers()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/vnd.oci.image.layer.v1.tar",
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.oci.image.layer.v1.tar+zstd",
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
      })
  void layer_ofEachMediaType_isUnpacked(String mediaType) throws IOException {
    byte[] tar = tar().file("a", "1").bytes();
    Compression compression =
        mediaType.endsWith("zstd")
            ? Compression.ZSTD
            : mediaType.endsWith("gzip") ? Compression.GZIP : Compression.NONE;
    byte[] blob = CompressionTest.compress(compression, tar);
    StoredImage image = store.unpack(new ImageBuilder().layer(tar, blob, mediaType));
    assertThat(TreeSnapshot.of(image.layers().get(0).tree(), Detail.EVERYTHING).nodes())
        .containsOnlyKeys(".", "a");
  }

  // Rule 3: the last of several entries wins.

  @Test
  void duplicate_lastEntryWins() throws IOException {
    TreeSnapshot tree = store.tree(tar().file("a", "long content").file("a", "new").mode(0600));
    assertThat(tree).isSameTreeAs(store.tree(tar().file("a", "new").mode(0600)));
  }

  // Rule 4: directory over directory; any other clash unlinks first.

  @Test
  void directoryOverDirectory_keepsChildrenAndTakesAttributes() throws IOException {
    TreeSnapshot tree =
        store.tree(
            tar()
                .dir("d")
                .xattr("user.old", "1")
                .file("d/f", "x")
                .dir("d")
                .mode(01777)
                .owner(3, 4));
    assertThat(tree)
        .isSameTreeAs(store.tree(tar().dir("d").mode(01777).owner(3, 4).file("d/f", "x")));
  }

  @Test
  void fileOverHardLink_leavesItsSiblingAlone() throws IOException {
    TreeSnapshot tree = store.tree(tar().file("a", "first").hardLink("b", "a").file("b", "second"));
    assertThat(tree).isSameTreeAs(store.tree(tar().file("a", "first").file("b", "second")));
  }

  @Test
  void fileOverSymlink_doesNotWriteThroughIt() throws IOException {
    TreeSnapshot tree = store.tree(tar().file("a", "1").symlink("l", "a").file("l", "2"));
    assertThat(tree).isSameTreeAs(store.tree(tar().file("a", "1").file("l", "2")));
  }

  @Test
  void fileOverDirectory_replacesTheWholeTree() throws IOException {
    TreeSnapshot tree = store.tree(tar().dir("d").dir("d/e").file("d/e/f", "x").file("d", "now"));
    assertThat(tree).isSameTreeAs(store.tree(tar().file("d", "now")));
  }

  @Test
  void directoryOverFile_showsNothingOfALowerDirectory() throws IOException {
    TreeSnapshot tree =
        store.merged(tar().dir("d").file("d/old", "x"), tar().file("d", "f").dir("d"));
    assertThat(tree).isSameTreeAs(store.merged(tar().dir("d")));
  }

  // Rule 5: attributes.

  @Test
  void attributes_areKeptExactly() throws IOException {
    byte[] capability = {1, 0, 0, 2, 0, (byte) 0xa4, (byte) 0xff, 0, 0, 0, 0, 0};
    capability = Arrays.copyOf(capability, 20);
    TreeSnapshot tree =
        store.tree(
            tar()
                .dir("d")
                .mode(02775)
                .owner(0, 50)
                .mtime("1234567890.123456789")
                .file("d/suid", "x")
                .mode(06755)
                .owner(1000, 70000)
                .mtime("-1.25")
                .xattr("user.bytes", "\u0000\u00ff\n=")
                .xattr("security.capability", capability)
                .symlink("d/link", "\u00ff target")
                .owner(5, 6)
                .mtime("7.5")
                .charDevice("d/null", 1, 3)
                .mode(0666)
                .blockDevice("d/disk", 259, 70000)
                .fifo("d/fifo")
                .mode(0640));
    TreeNode directory = node(tree, "d");
    assertThat(directory.mode()).isEqualTo(FileMode.S_IFDIR | 02775);
    assertThat(directory.owner()).isEqualTo("0:50");
    assertThat(directory.mtime()).isEqualTo("1234567890.123456789");
    TreeNode suid = node(tree, "d/suid");
    assertThat(suid.mode()).isEqualTo(FileMode.S_IFREG | 06755);
    assertThat(suid.owner()).isEqualTo("1000:70000");
    assertThat(suid.mtime()).isEqualTo("-2.750000000");
    assertThat(suid.xattrs()).containsEntry("user.bytes", "\u0000\u00ff\n=");
    assertThat(suid.xattrs())
        .containsEntry(
            "security.capability",
            new String(capability, java.nio.charset.StandardCharsets.ISO_8859_1));
    TreeNode link = node(tree, "d/link");
    assertThat(link.target()).isEqualTo("\u00ff target");
    assertThat(link.owner()).isEqualTo("5:6");
    assertThat(link.mtime()).isEqualTo("7.500000000");
    assertThat(node(tree, "d/null").device()).isEqualTo(FileMode.device(1, 3));
    assertThat(node(tree, "d/disk").device()).isEqualTo(FileMode.device(259, 70000));
    assertThat(node(tree, "d/fifo").mode()).isEqualTo(FileMode.S_IFIFO | 0640);
  }

  @Test
  void libarchiveXattr_isDecoded() throws IOException {
    TreeSnapshot tree =
        store.tree(tar().file("a", "").pax("LIBARCHIVE.xattr.user.a%3db", "AP8K").mode(0644));
    assertThat(node(tree, "a").xattrs())
        .containsExactly(java.util.Map.entry("user.a=b", "\0\u00ff\n"));
  }

  @Test
  void defaultAcl_isNotInheritedByEntries() throws IOException {
    // version 2; user::rwx, group::r-x, other::r-x, each without an id.
    String acl =
        "\2\0\0\0\1\0\7\0\u00ff\u00ff\u00ff\u00ff\4\0\5\0\u00ff\u00ff\u00ff\u00ff"
            + "\40\0\5\0\u00ff\u00ff\u00ff\u00ff";
    TreeSnapshot tree =
        store.tree(
            tar()
                .dir("d")
                .xattr("system.posix_acl_default", acl)
                .dir("d/e")
                .mode(0700)
                .file("d/f", "x")
                .mode(0666));
    assertThat(node(tree, "d").xattrs()).containsOnlyKeys("system.posix_acl_default");
    assertThat(node(tree, "d/e").xattrs()).isEmpty();
    assertThat(node(tree, "d/f").xattrs()).isEmpty();
    assertThat(node(tree, "d/f").mode()).isEqualTo(FileMode.S_IFREG | 0666);
  }

  @Test
  void directoryTimes_surviveLaterEntriesInAnyOrder() throws IOException {
    TarBuilder tar = tar();
    for (int i = 0; i < 300; i++) {
      tar.dir("d" + i).mtime(i + ".5");
    }
    // More directories than are kept open, each entered again.
    for (int i = 0; i < 300; i++) {
      tar.file("d" + i + "/f", "x");
    }
    TreeSnapshot tree = store.tree(tar);
    for (int i = 0; i < 300; i++) {
      assertThat(node(tree, "d" + i).mtime()).isEqualTo(i + ".500000000");
    }
  }

  @Test
  void labelOfTheHost_isNotTheLayers() throws IOException {
    TreeSnapshot tree =
        store.tree(
            tar().dir("d").xattr("security.selinux", "unconfined").dir("d").xattr("user.a", "b"));
    assertThat(node(tree, "d").xattrs()).containsOnlyKeys("user.a");
  }

  // Rule 6: types; TarInteropTest has sparse files, long names and large numbers.

  @Test
  void sizeOfWhatHasNoData_isNoData() throws IOException {
    // As container tools written in Go read it: else two readers see two trees in one archive.
    TarBuilder tar =
        tar()
            .dir("d")
            .size(512)
            .file("target", "x")
            .hardLink("link", "target")
            .size(1)
            .symlink("symlink", "target")
            .size(6)
            .fifo("fifo")
            .pax("size", "512")
            .charDevice("null", 1, 3)
            .size(1024)
            .file("last", "y");
    assertThat(store.tree(tar).nodes())
        .containsOnlyKeys(".", "d", "fifo", "last", "link", "null", "symlink", "target");
  }

  @Test
  void unknownType_isRefused() throws IOException {
    ImageException refusal = store.refused(tar().entry('Z', "odd", ""));
    assertThat(refusal.kind()).isEqualTo(ImageException.Kind.UNSUPPORTED);
    assertThat(refusal).hasMessageContaining("odd");
  }

  // Rule 7: hard links, also to files of lower layers.

  @Test
  void hardLink_withinTheLayer_isOneFile() throws IOException {
    TreeSnapshot tree = store.tree(tar().dir("d").file("a", "x").hardLink("d/b", "a"));
    assertThat(node(tree, "d/b").sameFileAs()).isEqualTo(node(tree, "a").sameFileAs());
  }

  @Test
  void hardLink_toLowerFile_bringsItUpWithAllItHas() throws IOException {
    TarBuilder lower =
        tar()
            .dir("usr")
            .mode(0711)
            .owner(7, 8)
            .file("usr/a", "content")
            .mode(04711)
            .owner(1, 2)
            .mtime("3.000000004")
            .xattr("user.x", "y");
    StoredImage image = store.unpack(lower, tar().dir("bin").hardLink("bin/b", "usr/a"));
    TreeSnapshot tree = store.merged(image);
    assertThat(node(tree, "bin/b").sameFileAs()).isEqualTo(node(tree, "usr/a").sameFileAs());
    TreeSnapshot whole = store.merged(lower.dir("bin").hardLink("bin/b", "usr/a"));
    assertThat(tree).isSameTreeAs(whole);
  }

  @Test
  void hardLink_toLowerFile_keysTheLayerByItsChain() throws IOException {
    StoredImage image =
        store.unpack(tar().file("a", "x"), tar().hardLink("b", "a"), tar().file("c", "z"));
    Digest base = image.layers().get(2).key();
    Digest linking = image.layers().get(1).diffId();
    assertThat(base).isEqualTo(image.layers().get(2).diffId());
    assertThat(image.layers().get(1).key()).isEqualTo(Digest.chain(base, linking));
    assertThat(image.layers().get(0).key()).isEqualTo(image.layers().get(0).diffId());
  }

  @Test
  void hardLinkLayer_onOtherParents_isUnpackedAgain() throws IOException {
    TarBuilder link = tar().hardLink("b", "a");
    store.unpack(tar().file("a", "one"), link);
    TreeSnapshot other = store.merged(tar().file("a", "other"), link);
    assertThat(other).isSameTreeAs(store.merged(tar().file("a", "other").hardLink("b", "a")));
  }

  @Test
  void hardLink_toWhatAWhiteoutHides_isRefused() throws IOException {
    ImageException refusal =
        store.refused(tar().file("a", "x"), tar().whiteout("a"), tar().hardLink("b", "a"));
    assertThat(refusal).hasMessageContaining("which does not exist");
  }

  @Test
  void hardLink_toItself_changesNothing() throws IOException {
    assertThat(store.tree(tar().file("a", "x").hardLink("a", "./a")))
        .isSameTreeAs(store.tree(tar().file("a", "x")));
  }

  @Test
  void hardLink_toADirectory_isRefused() throws IOException {
    assertThat(store.refused(tar().dir("d").hardLink("l", "d")).kind())
        .isEqualTo(ImageException.Kind.REFUSED);
  }

  // Rule 8: whiteouts.

  @Test
  void whiteout_hidesFilesAndTrees_andAbsentOnesHarmNothing() throws IOException {
    TarBuilder lower = tar().file("f", "x").dir("d").file("d/g", "y").file("stays", "z");
    TreeSnapshot tree = store.merged(lower, tar().whiteout("f").whiteout("d").whiteout("never"));
    assertThat(tree).isSameTreeAs(store.merged(tar().file("stays", "z")));
  }

  @Test
  void whiteout_hidesTheLongestName() throws IOException {
    assertThat(store.refused(tar().whiteout("n".repeat(256)))).hasMessageContaining("255");
    String name = "n".repeat(255);
    TarBuilder lower = tar().file(name, "x").file("stays", "z");
    TreeSnapshot tree = store.merged(lower, tar().whiteout(name));
    assertThat(tree).isSameTreeAs(store.merged(tar().file("stays", "z")));
  }

  @Test
  void whiteout_andEntryOfTheSameName_entrySurvivesInEitherOrder() throws IOException {
    TarBuilder lower = tar().file("f", "old");
    TreeSnapshot expected = store.merged(tar().file("f", "new"));
    assertThat(store.merged(lower, tar().whiteout("f").file("f", "new"))).isSameTreeAs(expected);
    assertThat(store.merged(lower, tar().file("f", "new").whiteout("f"))).isSameTreeAs(expected);
  }

  @Test
  void opaqueMark_hidesLowerEntriesOnly_whereverItStands() throws IOException {
    TarBuilder lower = tar().dir("d").file("d/old", "x").dir("d/sub").file("d/sub/old", "x");
    TreeSnapshot expected = store.merged(tar().dir("d").file("d/new", "y"));
    assertThat(store.merged(lower, tar().dir("d").opaque("d").file("d/new", "y")))
        .isSameTreeAs(expected);
    assertThat(store.merged(lower, tar().dir("d").file("d/new", "y").opaque("d")))
        .isSameTreeAs(expected);
    assertThat(store.merged(lower, tar().opaque("d").dir("d").file("d/new", "y")))
        .isSameTreeAs(expected);
  }

  @Test
  void aufsBookkeeping_isSkipped() throws IOException {
    assertThat(store.tree(tar().dir(".wh..wh.plnk").file(".wh..wh.plnk/1.2", "x").file("a", "")))
        .isSameTreeAs(store.tree(tar().file("a", "")));
  }

  // Rule 9: a directory deleted and created again.

  @Test
  void directoryDeletedAndCreatedAgain_showsNoOldChildren() throws IOException {
    TarBuilder lower = tar().dir("d").file("d/old", "x");
    TreeSnapshot expected = store.merged(tar().dir("d").file("d/new", "y"));
    assertThat(store.merged(lower, tar().whiteout("d").dir("d").file("d/new", "y")))
        .isSameTreeAs(expected);
    assertThat(store.merged(lower, tar().dir("d").file("d/new", "y").whiteout("d")))
        .isSameTreeAs(expected);
    assertThat(store.merged(lower, tar().whiteout("d"), tar().dir("d").file("d/new", "y")))
        .isSameTreeAs(expected);
  }

  // Rule 10: the diffID covers the padding after the archive's end.

  @Test
  void diffId_coversTrailingPadding() throws IOException {
    byte[] tar = tar().file("a", "x").bytes();
    byte[] padded = Arrays.copyOf(tar, 10240);
    assertThat(store.unpack(new ImageBuilder().layer(padded)).layers()).hasSize(1);
    padded[9000] = 1;
    assertThat(store.unpack(new ImageBuilder().layer(padded)).layers()).hasSize(1);
  }

  // Rule 13: unknown fields.

  @Test
  void unknownManifestFields_areIgnored() throws IOException {
    ImageBuilder image =
        new ImageBuilder()
            .layer(tar().file("a", ""))
            .manifestFields(",\"artifactType\":\"x\",\"subject\":null,\"new\":[{}]");
    assertThat(store.unpack(image).layers()).hasSize(1);
  }

  // Rule 14: missing parents.

  @Test
  void missingParents_areMadeFor0755RootAtTheEpoch() throws IOException {
    TreeSnapshot tree = store.tree(tar().file("a/b/f", "x"));
    TreeNode parent = node(tree, "a/b");
    assertThat(parent.mode()).isEqualTo(FileMode.S_IFDIR | 0755);
    assertThat(parent.owner()).isEqualTo("0:0");
    assertThat(parent.mtime()).isEqualTo("0.000000000");
  }

  @Test
  void missingParents_areAsInTheLayersBelow() throws IOException {
    TarBuilder lower = tar().dir("a").mode(0700).owner(3, 4).mtime("5").xattr("user.x", "y");
    TreeSnapshot tree = store.merged(lower, tar().file("a/f", "x"));
    assertThat(tree).isSameTreeAs(store.merged(lower.file("a/f", "x")));
  }

  @Test
  void missingParent_thatIsASymlinkBelow_isFollowed() throws IOException {
    TarBuilder lower = tar().dir("usr").dir("usr/lib").symlink("lib", "usr/lib");
    TreeSnapshot tree = store.merged(lower, tar().file("lib/x.so", "x"));
    assertThat(tree).isSameTreeAs(store.merged(lower.file("usr/lib/x.so", "x")));
  }

  @Test
  void fileInAParentsPlace_isReplacedByADirectory() throws IOException {
    assertThat(store.tree(tar().file("a", "file").file("a/f", "x")).nodes().keySet())
        .containsExactly(".", "a", "a/f");
  }

  @Test
  void rootAttributes_comeFromTheTopmostLayerThatDescribesTheRoot() throws IOException {
    TarBuilder base = tar().dir(".").mode(0711).owner(1, 2).mtime("9").file("a", "x");
    TreeSnapshot tree = store.merged(base, tar().file("b", "y"));
    assertThat(node(tree, ".").mode()).isEqualTo(FileMode.S_IFDIR | 0711);
    assertThat(node(tree, ".").owner()).isEqualTo("1:2");
    assertThat(node(tree, ".").mtime()).isEqualTo("9.000000000");
  }
}
