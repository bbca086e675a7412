package dev.lamina.layer.tar;

import static dev.lamina.fixtures.tree.TreeSnapshotAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresRoot;
import dev.lamina.fixtures.tree.Detail;
import dev.lamina.fixtures.tree.Layer;
import dev.lamina.fixtures.tree.TreeSnapshot;
import dev.lamina.linux.At;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.store.StoreFixture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What GNU tar writes, in each of its formats, unpacks to the tree it was made of. */
@RequiresRoot
final class TarInteropTest {
  private static final long MIB = 1 << 20;

  private static Path tree(MountScratch scratch) throws IOException {
    Path tree = scratch.directory("tree");
    Layer.builder()
        .dir("d")
        .mode(02750)
        .owner(3, 3_000_000) // more than octal digits say
        .file("d/file", "content")
        .mode(04711)
        .hardLink("d/other", "d/file")
        .symlink("d/link", "t".repeat(150))
        .file("d/" + "n".repeat(200), "a long name")
        .fifo("fifo")
        .charDevice("tty", 5, 0)
        .blockDevice("disk", 8, 17)
        .build()
        .writeTo(tree, dev.lamina.fixtures.tree.Dialect.KERNEL);
    return tree;
  }

  private static Path tar(MountScratch scratch, Path tree, String... options) throws IOException {
    Path archive = scratch.root().resolve("made.tar");
    List<String> command = new ArrayList<>(List.of("tar", "-C", tree.toString()));
    command.addAll(List.of(options));
    command.addAll(List.of("-cf", archive.toString(), "."));
    Process process = new ProcessBuilder(command).inheritIO().start();
    try {
      assertThat(process.waitFor()).isZero();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return archive;
  }

  private static TreeSnapshot unpacked(MountScratch scratch, Path archive) throws IOException {
    ImageBuilder image = new ImageBuilder().layer(Files.readAllBytes(archive));
    StoreFixture store = new StoreFixture(scratch);
    return TreeSnapshot.of(store.unpack(image).layers().get(0).tree(), Detail.EVERYTHING);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gnu", "oldgnu", "pax"})
  void everyFormat_givesTheSameTree(String format, MountScratch scratch) throws IOException {
    Path tree = tree(scratch);
    TreeSnapshot expected = TreeSnapshot.of(tree, Detail.EVERYTHING);
    Path archive = tar(scratch, tree, "--format=" + format, "--numeric-owner");
    assertThat(unpacked(scratch, archive)).isSameTreeAs(expected);
  }

  @ParameterizedTest
  @CsvSource({"gnu,1.0", "pax,0.0", "pax,0.1", "pax,1.0"})
  void sparseFiles_keepTheirContentAndHoles(String format, String version, MountScratch scratch)
      throws IOException {
    Path tree = scratch.directory("tree");
    try (FileChannel file =
        FileChannel.open(
            tree.resolve("sparse"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int i = 0; i < 40; i++) {
        file.write(ByteBuffer.wrap(("data " + i).getBytes(StandardCharsets.UTF_8)), i * MIB + 4096);
      }
      file.write(ByteBuffer.allocate(1), 50 * MIB);
    }
    TreeSnapshot expected = TreeSnapshot.of(tree, Detail.EVERYTHING);
    Path archive = tar(scratch, tree, "-S", "--format=" + format, "--sparse-version=" + version);
    assertThat(Files.size(archive)).isLessThan(2 * MIB);
    TreeSnapshot found = unpacked(scratch, archive);
    assertThat(found.nodes().get("sparse").sha256())
        .isEqualTo(expected.nodes().get("sparse").sha256());
    assertThat(found.nodes().get("sparse").size()).isEqualTo(50 * MIB + 1);
    assertThat(allocated(scratch)).isLessThan(2 * MIB);
  }

  private static long allocated(MountScratch scratch) throws IOException {
    Path layer = new StoreFixture(scratch).open().images().get(0).layers().get(0).tree();
    int fd = At.openDirectory(At.FDCWD, Name.of(layer.toString()));
    try {
      int file = At.open(fd, Name.of("sparse"), OpenFlags.O_RDONLY, 0);
      Stat stat = new Stat();
      At.stat(file, stat);
      Fd.close(file);
      return stat.blocks * 512;
    } finally {
      Fd.close(fd);
    }
  }
}
