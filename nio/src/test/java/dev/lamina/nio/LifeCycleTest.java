package dev.lamina.nio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.fixtures.faults.OpenDescriptors;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opening, finding, sharing and closing file systems. */
final class LifeCycleTest {
  @TempDir Path directory;

  @Test
  void provider_isInstalled() {
    assertThat(FileSystemProvider.installedProviders())
        .filteredOn(p -> p.getScheme().equals("lamina"))
        .containsExactly(LaminaFileSystemProvider.instance());
  }

  @Test
  void fileSystems_areOpenedAndFoundByUri() throws Exception {
    Path lower = Files.createDirectory(directory.resolve("lower"));
    Files.createDirectory(lower.resolve("etc"));
    Files.writeString(lower.resolve("etc/motd"), "hi");
    Path upper = Files.createDirectory(directory.resolve("upper"));
    Path work = Files.createDirectory(directory.resolve("work"));
    URI uri = URI.create("lamina://web-1");
    Map<String, Object> env =
        Map.of("lower", lower.toString(), "upper", upper, "work", work, "umask", "027");
    try (FileSystem fileSystem = FileSystems.newFileSystem(uri, env)) {
      assertThat(FileSystems.getFileSystem(uri)).isSameAs(fileSystem);
      Path motd = Path.of(URI.create("lamina://web-1/etc/motd"));
      assertThat(motd).hasContent("hi").isEqualTo(fileSystem.getPath("/etc/motd"));
      assertThat(motd.toUri()).hasToString("lamina://web-1/etc/motd");
      Files.createDirectory(fileSystem.getPath("new"));
      assertThat(Files.getAttribute(fileSystem.getPath("new"), "unix:mode")).isEqualTo(0040750);
      assertThatThrownBy(() -> FileSystems.newFileSystem(uri, env))
          .isInstanceOf(FileSystemAlreadyExistsException.class);
    }
    assertThat(upper.resolve("new")).isDirectory();
    assertThatThrownBy(() -> FileSystems.getFileSystem(uri))
        .isInstanceOf(FileSystemNotFoundException.class);
    assertThatThrownBy(() -> Path.of(URI.create("lamina://web-1/etc/motd")))
        .isInstanceOf(FileSystemNotFoundException.class);
    FileSystems.newFileSystem(uri, Map.of("lower", List.of(lower, upper))).close();
  }

  @Test
  void uris_andEnvironments_thatMakeNoSense() {
    for (String uri :
        new String[] {"lamina:x", "lamina:///x", "lamina://a/x", "lamina://u@h", "lamina://a?q"}) {
      assertThatThrownBy(
              () -> FileSystems.newFileSystem(URI.create(uri), Map.of("lower", directory)))
          .as(uri)
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (Map<String, ?> env :
        List.<Map<String, Object>>of(
            Map.of(),
            Map.of("lowers", directory),
            Map.of("lower", 1),
            Map.of("lower", directory, "upper", directory),
            Map.of("lower", directory, "umask", "9"),
            Map.of("overlay", "x"))) {
      assertThatThrownBy(() -> FileSystems.newFileSystem(URI.create("lamina://a"), env))
          .as("%s", env)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Path.of(URI.create("lamina://none/x%00y")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> LaminaFileSystem.builder().name("a/b"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  @SuppressWarnings("StreamResourceLeak") // The file system closes it.
  void close_closesWhatIsOpenAndLeavesNoDescriptor() throws Exception {
    OverlayOptions options = Unions.writable(directory);
    Files.writeString(directory.resolve("lower/file"), "content");
    Files.createDirectories(directory.resolve("lower/a/b/c"));
    LaminaFileSystem.open(options).close();
    int before = OpenDescriptors.count();
    LaminaFileSystem fileSystem = LaminaFileSystem.open(options);
    Path file = fileSystem.getPath("file");
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    FileChannel writing = FileChannel.open(file, StandardOpenOption.WRITE);
    DirectoryStream<Path> stream = Files.newDirectoryStream(fileSystem.getPath("/a/b"));
    fileSystem.close();
    fileSystem.close();
    assertThat(OpenDescriptors.count()).isEqualTo(before);
    assertThat(fileSystem.isOpen()).isFalse();
    assertThat(channel.isOpen()).isFalse();
    assertThatThrownBy(() -> writing.write(ByteBuffer.allocate(1)))
        .isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(stream::iterator).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> Files.readString(file)).isInstanceOf(ClosedFileSystemException.class);
    assertThatThrownBy(() -> Files.createFile(file)).isInstanceOf(ClosedFileSystemException.class);
    assertThat(file.resolve("x")).hasToString("file/x");
  }

  @Test
  void sharedOverlays_stayOpenAndKeepNoNode() throws Exception {
    try (Overlay overlay = Overlay.open(Unions.writable(directory))) {
      LaminaFileSystem fileSystem = LaminaFileSystem.builder().overlay(overlay).open();
      Files.createDirectories(fileSystem.getPath("/a/b/c"));
      Files.writeString(fileSystem.getPath("/a/b/file"), "x");
      Files.createSymbolicLink(fileSystem.getPath("/a/link"), fileSystem.getPath("b"));
      Files.copy(fileSystem.getPath("/a/link/file"), fileSystem.getPath("/copy"));
      Files.move(fileSystem.getPath("/copy"), fileSystem.getPath("/a/moved"));
      assertThat(Files.exists(fileSystem.getPath("/a/none/such"))).isFalse();
      try (Stream<Path> walk = Files.walk(fileSystem.getPath("/"))) {
        assertThat(walk).hasSize(7);
      }
      assertThat(fileSystem.getPath("/a/link/..").toRealPath()).hasToString("/a");
      Files.delete(fileSystem.getPath("/a/moved"));
      try (DirectoryStream<Path> unread = Files.newDirectoryStream(fileSystem.getPath("/a"))) {
        assertThat(unread.iterator().hasNext()).isTrue();
      }
      assertThat(overlay.nodes()).isEqualTo(1);
      fileSystem.close();
      assertThat(overlay.paths().read("/a/b/file")).asString(UTF_8).isEqualTo("x");
    }
  }

  @Test
  void names_thatAreNotUtf8_areBytes() throws Exception {
    try (LaminaFileSystem fileSystem = LaminaFileSystem.open(Unions.writable(directory))) {
      byte[] latin1 = {'/', 'g', 'r', (byte) 0xfc, (byte) 0xdf, '%', ' '};
      Path path = fileSystem.getPath(latin1);
      Files.writeString(path, "Gr\u00fc\u00dfe");
      assertThat(path.toUri().toString()).endsWith("/gr%FC%DF%25%20");
      assertThat(Path.of(path.toUri())).isEqualTo(path);
      try (Stream<Path> list = Files.list(fileSystem.getPath("/"))) {
        Path listed = list.findFirst().orElseThrow();
        assertThat(listed).isEqualTo(path).hasContent("Gr\u00fc\u00dfe");
        assertThat(listed).hasToString("/gr\ufffd\ufffd% ");
      }
      Files.delete(path);
    }
  }

  @Test
  void watching_isNotSupported() throws Exception {
    try (LaminaFileSystem fileSystem = Unions.empty()) {
      assertThatThrownBy(fileSystem::newWatchService)
          .isInstanceOf(UnsupportedOperationException.class);
    }
  }
}
