package dev.lamina.nio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.fixtures.faults.OpenDescriptors;
import dev.lamina.fixtures.image.ImageBuilder;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageSources;
import dev.lamina.image.Platform;
import dev.lamina.store.ImageStore;
import dev.lamina.store.ProgressListener;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An image straight from its archive, against the same image unpacked into a store. */
final class ArchiveTest {
  @TempDir Path directory;

  private static ImageBuilder sample() {
    return new ImageBuilder()
        .layer(
            new TarBuilder()
                .dir("etc/")
                .mode(0750)
                .owner(1, 2)
                .file("etc/passwd", "root:x:0:0::/:\nweb:x:33:33::/:\n")
                .file("etc/owned", "o")
                .owner(33, 44)
                .mode(06711)
                .mtime("1234567890.123456789")
                .xattr("user.color", "red")
                .xattr("user.overlay.opaque", "y")
                .symlink("etc/link", "owned")
                .symlink("escape", "../../../etc")
                .file("implied/by/path/file", "x")
                .file("lib/a", "a")
                .hardLink("lib/b", "lib/a")
                .file("lib/old", "old")
                .file("lib/sub/deep", "deep")
                .file("kept/in/upper", "below")
                .fifo("fifo")
                .charDevice("null", 1, 3))
        .layer(
            new TarBuilder()
                .whiteout("lib/old")
                .file("escape/through", "landed in etc")
                .hardLink("lib/c", "lib/a")
                .file("kept/new", "new")
                .opaque("kept")
                .file("etc/owned", "replaced")
                .dir("made/")
                .file("made/first", "1")
                .whiteout("made"))
        .layer(
            new TarBuilder()
                .file("lib/sub", "now a file")
                .whiteout("implied")
                .file("implied/again", "y")
                .dir("fifo/")
                .whiteout("absent"));
  }

  private static List<String> tree(Path root) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(root)) {
      for (Path path : walk.toList()) {
        Map<String, Object> a =
            new TreeMap<>(
                Files.readAttributes(
                    path, "unix:mode,uid,gid,rdev,owner", LinkOption.NOFOLLOW_LINKS));
        if (!path.equals(root)) {
          a.put("mtime", Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS));
        }
        if (Files.isSymbolicLink(path)) {
          a.put("target", Files.readSymbolicLink(path));
        } else if (Files.isRegularFile(path)) {
          a.put("content", Files.readString(path));
          a.put("size", Files.size(path));
        }
        if (!Files.isSymbolicLink(path)) {
          a.put("xattrs", new TreeMap<>(Files.readAttributes(path, "user:*")).keySet());
        }
        lines.add(root.relativize(path) + " " + a);
      }
    }
    return lines.stream().sorted().toList();
  }

  private void assertSameAsUnpacked(String reference) throws IOException {
    ImageStore store = ImageStore.open(directory.resolve("store"));
    StoredImage image;
    try (ImageSource source = ImageSources.open(reference, Platform.host())) {
      image = store.unpack(source, ProgressListener.NONE);
    }
    try (FileSystem archive = LaminaFileSystem.builder().archive(reference).open();
        FileSystem unpacked = LaminaFileSystem.builder().image(image).open()) {
      assertThat(tree(archive.getPath("/"))).isEqualTo(tree(unpacked.getPath("/")));
    }
  }

  @Test
  void archives_showWhatTheirUnpackedLayersShow() throws Exception {
    assertSameAsUnpacked("oci:" + sample().writeOci(directory.resolve("oci"), "v1") + ":v1");
  }

  @Test
  void dockerArchives_areReadToo() throws Exception {
    assertSameAsUnpacked(
        sample().writeDockerArchive(directory.resolve("image.tar"), "demo:v1").toString());
  }

  @Test
  void files_areReadWhereverAndMapped() throws Exception {
    String reference = sample().writeOciArchive(directory.resolve("a.tar"), "v1").toString();
    URI uri = URI.create("lamina://archive-test");
    int before = OpenDescriptors.count();
    try (FileSystem image = FileSystems.newFileSystem(uri, Map.of("archive", reference))) {
      assertThat(image.isReadOnly()).isTrue();
      Path file = Path.of(URI.create("lamina://archive-test/etc/owned"));
      assertThat(file).hasContent("replaced");
      assertThat(Files.isSameFile(image.getPath("lib/a"), image.getPath("lib/c"))).isTrue();
      assertThat(Files.isSameFile(image.getPath("lib/a"), image.getPath("lib/b"))).isFalse();
      try (FileChannel channel = FileChannel.open(file)) {
        byte[] mapped = new byte[4];
        channel.map(MapMode.READ_ONLY, 2, 4).get(mapped);
        assertThat(mapped).asString(UTF_8).isEqualTo("plac");
      }
      assertThatThrownBy(() -> Files.delete(file)).isInstanceOf(ReadOnlyFileSystemException.class);
      assertThatThrownBy(() -> Files.writeString(file, ""))
          .isInstanceOf(ReadOnlyFileSystemException.class);
      Files.copy(file, directory.resolve("copied"));
      assertThat(directory.resolve("copied")).hasContent("replaced");
    }
    assertThat(OpenDescriptors.count()).isEqualTo(before);
  }

  @Test
  void damagedArchives_leaveNothing() throws Exception {
    Path oci =
        new ImageBuilder()
            .layer(new TarBuilder().file("f", "x"))
            .diffId("sha256:" + "0".repeat(64))
            .writeOci(directory.resolve("oci"), "v1");
    int before = OpenDescriptors.count();
    assertThatThrownBy(() -> LaminaFileSystem.builder().archive("oci:" + oci).open())
        .isInstanceOf(ImageException.class);
    assertThatThrownBy(
            () -> LaminaFileSystem.builder().archive(directory.resolve("none").toString()).open())
        .isInstanceOf(ImageException.class);
    assertThat(OpenDescriptors.count()).isEqualTo(before);
  }
}
