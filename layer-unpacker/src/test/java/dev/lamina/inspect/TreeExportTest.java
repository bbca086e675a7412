package dev.lamina.inspect;

import static dev.lamina.fixtures.tree.TreeSnapshotAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Maps;
import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.TreeSnapshot;
import dev.lamina.layer.tar.TarEntry;
import dev.lamina.layer.tar.TarReader;
import dev.lamina.linux.At;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.store.StoreFixture;
import dev.lamina.store.StoredImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The archive of a merged tree is that tree, as kernel overlayfs shows it. */
@RequiresKernelOverlay
final class TreeExportTest {
  private static final int MIB = 1 << 20;

  private MountScratch scratch;
  private StoreFixture store;
  private final List<String> leftOut = new ArrayList<>();

  @BeforeEach
  void openStore(MountScratch fresh) {
    scratch = fresh;
    store = new StoreFixture(fresh);
  }

  private static TarBuilder tar() {
    return new TarBuilder();
  }

  private byte[] export(StoredImage image) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (MergedTree tree = MergedTree.open(image)) {
      TreeExport.write(
          tree,
          out,
          new TreeExport.Progress() {
            @Override
            public void advanced(long bytes) {}

            @Override
            public void leftOut(byte[] path) {
              leftOut.add(new String(path, StandardCharsets.UTF_8));
            }
          });
    }
    return out.toByteArray();
  }

  private static List<TarEntry> entries(byte[] archive) throws IOException {
    TarReader reader = new TarReader(new ByteArrayInputStream(archive), 1 << 20);
    List<TarEntry> entries = new ArrayList<>();
    for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
      entries.add(entry);
    }
    return entries;
  }

  private StoredImage everything() throws IOException {
    return store.unpack(
        tar()
            .dir("")
            .dir("etc")
            .mode(0751)
            .owner(3, 70000)
            .file("etc/gone", "x")
            .file("etc/motd", "one")
            .mtime("1234567890.987654321")
            .dir("bin")
            .file("bin/tool", "tool")
            .mode(06755)
            .hardLink("bin/tool2", "bin/tool")
            .hardLink("bin/tool3", "bin/tool")
            .file("bin/ping", "ping")
            .xattr(
                "security.capability",
                new byte[] {1, 0, 0, 2, 0, (byte) 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
            .xattr("user.note", "of the base")
            .charDevice("tty", 5, 0)
            .blockDevice("disk", 8, 17)
            .fifo("fifo")
            .symlink("link", "t".repeat(150))
            .file("n/" + "l".repeat(200), "a long name")
            .file("n/\u00e9\u00ff\n", "not UTF-8"),
        tar().whiteout("etc/gone").file("etc/new", "new").owner(5, 6).dir("n").mode(01777));
  }

  @Test
  void export_isTheMergedTree() throws IOException {
    StoredImage image = everything();
    TreeSnapshot expected = store.merged(image);
    byte[] archive = export(image);
    TreeSnapshot actual = store.merged(store.unpack(new ImageBuilder().layer(archive)));
    assertThat(withoutRoot(actual)).isSameTreeAs(withoutRoot(expected));
    assertThat(leftOut).isEmpty();
  }

  /** An archive says nothing of the directory that it is unpacked in. */
  private static TreeSnapshot withoutRoot(TreeSnapshot tree) {
    return new TreeSnapshot(
        ImmutableSortedMap.copyOf(Maps.filterKeys(tree.nodes(), path -> !path.equals("."))));
  }

  @Test
  void export_isTheSameEachTime_andInByteOrder() throws IOException {
    StoredImage image = everything();
    byte[] archive = export(image);
    assertThat(export(image)).isEqualTo(archive);
    List<String> names =
        entries(archive).stream()
            .map(entry -> new String(entry.name(), StandardCharsets.ISO_8859_1))
            .toList();
    assertThat(names)
        .containsExactly(
            "bin/",
            "bin/ping",
            "bin/tool",
            "bin/tool2",
            "bin/tool3",
            "disk",
            "etc/",
            "etc/motd",
            "etc/new",
            "fifo",
            "link",
            "n/",
            "n/" + "l".repeat(200),
            "n/\u00e9\u00ff\n",
            "tty");
  }

  @Test
  void fileWhoseFirstNameIsHidden_goesByItsNext() throws IOException {
    StoredImage image =
        store.unpack(
            tar().file("a", "content").hardLink("b", "a").hardLink("c", "a"), tar().whiteout("a"));
    List<TarEntry> entries = entries(export(image));
    assertThat(entries)
        .extracting(entry -> entry.type() + " " + entry + " " + entry.size())
        .containsExactly("REGULAR b 7", "HARD_LINK c 0");
    assertThat(entries.get(1).linkName()).isEqualTo(entries.get(0).name());
  }

  private StoredImage sparse() throws IOException {
    Path tree = scratch.directory("tree");
    try (FileChannel file =
        FileChannel.open(
            tree.resolve("sparse"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap("start".getBytes(StandardCharsets.UTF_8)), 3L * MIB);
      file.write(ByteBuffer.wrap("end".getBytes(StandardCharsets.UTF_8)), 40L * MIB);
      file.write(ByteBuffer.wrap(new byte[1]), 64L * MIB - 1);
    }
    Path hole = tree.resolve("h".repeat(120));
    try (FileChannel file =
        FileChannel.open(hole, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(new byte[1]), 8L * MIB - 1);
      file.truncate(8L * MIB - 4096);
    }
    Path archive = scratch.root().resolve("sparse.tar");
    run("tar", "-C", tree.toString(), "--format=pax", "-Scf", archive.toString(), ".");
    return store.unpack(new ImageBuilder().layer(Files.readAllBytes(archive)));
  }

  private static void run(String... command) throws IOException {
    try {
      assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void sparseFiles_areKeptCompactly_andGnuTarReadsThem() throws IOException {
    StoredImage image = sparse();
    byte[] archive = export(image);
    assertThat(archive.length).isLessThan(MIB);
    Path file = Files.write(scratch.root().resolve("export.tar"), archive);
    Path target = scratch.directory("gnu");
    run("tar", "-C", target.toString(), "-xf", file.toString());
    Path original = image.layers().get(0).tree();
    for (String name : List.of("sparse", "h".repeat(120))) {
      assertThat(Files.mismatch(target.resolve(name), original.resolve(name)))
          .as(name)
          .isEqualTo(-1);
      Stat stat = new Stat();
      assertThat(At.stat(At.FDCWD, Name.of(target.resolve(name).toString()), stat)).isTrue();
      assertThat(stat.blocks * 512).as("blocks of " + name).isLessThan(MIB);
    }
  }

  @Test
  void sparseFiles_comeBackAsTheyWere() throws IOException {
    StoredImage image = sparse();
    TreeSnapshot expected = store.merged(image);
    TreeSnapshot actual = store.merged(store.unpack(new ImageBuilder().layer(export(image))));
    assertThat(withoutRoot(actual)).isSameTreeAs(withoutRoot(expected));
  }

  @Test
  void export_canBeInterrupted() throws IOException {
    StoredImage image = everything();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> export(image)).hasMessage("interrupted");
    assertThat(Thread.interrupted()).isFalse();
  }
}
