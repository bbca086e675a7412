package dev.lamina.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresRoot;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageSources;
import dev.lamina.image.Platform;
import dev.lamina.store.ImageStore;
import dev.lamina.store.ProgressListener;
import dev.lamina.store.StoreFixture;
import dev.lamina.store.StoredImage;
import dev.lamina.store.TemporaryStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The merged tree of an image by path, and walks over it. */
@RequiresRoot
final class MergedTreeTest {
  private MountScratch scratch;
  private StoreFixture store;

  @BeforeEach
  void openStore(MountScratch fresh) {
    scratch = fresh;
    store = new StoreFixture(fresh);
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String content(MergedTree tree, String path) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    tree.copy(latin1(path), out);
    return out.toString(StandardCharsets.UTF_8);
  }

  private static List<String> walk(MergedTree tree, String path) throws IOException {
    List<String> paths = new ArrayList<>();
    try (TreeWalk walk = tree.walk(latin1(path))) {
      while (walk.next()) {
        paths.add(new String(walk.path(), StandardCharsets.ISO_8859_1));
      }
    }
    return paths;
  }

  @Test
  void paths_endInsideTheImage() throws IOException {
    StoredImage image =
        store.unpack(
            new TarBuilder()
                .dir("etc")
                .file("etc/motd", "inside")
                .symlink("out", "../../../etc/motd")
                .symlink("absolute", "/etc")
                .symlink("loop", "loop"));
    try (MergedTree tree = MergedTree.open(image)) {
      assertThat(content(tree, "/out")).isEqualTo("inside");
      assertThat(content(tree, "absolute/motd")).isEqualTo("inside");
      assertThat(content(tree, "/../etc/motd")).isEqualTo("inside");
      assertThat(tree.readlink(latin1("absolute"))).isEqualTo(latin1("/etc"));
      assertThat(tree.stat(latin1("absolute"), false).isSymlink()).isTrue();
      assertThat(tree.stat(latin1("absolute"), true).isDirectory()).isTrue();
      assertThatThrownBy(() -> content(tree, "loop")).hasMessageContaining("ELOOP");
      assertThatThrownBy(() -> content(tree, "etc")).hasMessageContaining("EISDIR");
      assertThatThrownBy(() -> content(tree, "none")).hasMessageContaining("ENOENT");
      assertThat(walk(tree, "absolute")).containsExactly("motd");
    }
  }

  @Test
  void walk_goesThroughMergedDirectories_inByteOrder() throws IOException {
    StoredImage image =
        store.unpack(
            new TarBuilder().dir("d").file("d/b", "").file("d/\u00ff", "").file("z", ""),
            new TarBuilder().file("d/a", "").file("d-", "").whiteout("z"));
    try (MergedTree tree = MergedTree.open(image)) {
      assertThat(walk(tree, "/")).containsExactly("d", "d/a", "d/b", "d/\u00ff", "d-");
    }
  }

  @Test
  void deepTrees_areWalked() throws IOException {
    StoredImage image = store.unpack(new TarBuilder().file("d/".repeat(2000) + "f", ""));
    try (MergedTree tree = MergedTree.open(image)) {
      assertThat(walk(tree, "/")).hasSize(2001).last().asString().hasSize(4001);
    }
  }

  @Test
  void aLayerThatOccursTwice_isStackedOnce() throws IOException {
    TarBuilder same = new TarBuilder().file("f", "back again");
    StoredImage image = store.unpack(same, new TarBuilder().whiteout("f"), same);
    assertThat(image.layers()).hasSize(3);
    try (MergedTree tree = MergedTree.open(image)) {
      assertThat(content(tree, "f")).isEqualTo("back again");
    }
  }

  @Test
  void anImageWithoutLayers_isRefusedInWords() throws IOException {
    StoredImage image = store.unpack(new ImageBuilder());
    assertThatThrownBy(() -> MergedTree.open(image))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("no layers");
  }

  @Test
  void temporaryStore_leavesNothing() throws IOException {
    Path layout =
        new ImageBuilder()
            .layer(new TarBuilder().file("f", "seen"))
            .writeOci(scratch.fresh("image"), "v1");
    ImageStore main = store.open();
    try (TemporaryStore temporary = main.temporary();
        ImageSource source = ImageSources.open("oci:" + layout, Platform.host())) {
      StoredImage image = temporary.store().unpack(source, ProgressListener.NONE);
      // Somebody else's command sweeps what nobody holds.
      store.open();
      try (MergedTree tree = MergedTree.open(image)) {
        assertThat(content(tree, "f")).isEqualTo("seen");
      }
    }
    store.assertThatStoreIsEmpty();
  }
}
