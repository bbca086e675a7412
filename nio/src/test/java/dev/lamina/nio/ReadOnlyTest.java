package dev.lamina.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.fixtures.tree.LowersUnchanged;
import dev.lamina.overlay.OverlayOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A union without an upper: everything reads, nothing changes. */
final class ReadOnlyTest {
  @RegisterExtension final LowersUnchanged unchanged = new LowersUnchanged();
  @TempDir Path directory;
  private FileSystem fileSystem;

  @BeforeEach
  void open() throws IOException {
    Path lower = Files.createDirectory(directory.resolve("lower"));
    Files.createDirectories(lower.resolve("etc/empty"));
    Files.writeString(lower.resolve("etc/passwd"), "root:x:0:0::/:\nweb:x:33:33::/:\n");
    Files.writeString(lower.resolve("etc/group"), "root:x:0:\nstaff:x:50:web\n");
    Files.writeString(lower.resolve("file"), "some content");
    unchanged.watch(lower);
    fileSystem = LaminaFileSystem.open(OverlayOptions.builder().addLower(lower).build());
  }

  @AfterEach
  void close() throws IOException {
    fileSystem.close();
  }

  private Path p(String path) {
    return fileSystem.getPath(path);
  }

  @Test
  void everyChange_isRefused() throws IOException {
    ThrowingCallable[] changes = {
      () -> Files.createFile(p("new")),
      () -> Files.writeString(p("file"), "x"),
      () -> FileChannel.open(p("file"), StandardOpenOption.WRITE),
      () -> Files.newOutputStream(p("new")),
      () -> Files.createDirectory(p("new")),
      () -> Files.createSymbolicLink(p("new"), p("file")),
      () -> Files.createLink(p("new"), p("file")),
      () -> Files.delete(p("file")),
      () -> Files.delete(p("etc/empty")),
      () -> Files.copy(p("file"), p("new")),
      () -> Files.move(p("file"), p("new")),
      () -> Files.move(p("file"), p("new"), StandardCopyOption.ATOMIC_MOVE),
      () -> Files.setLastModifiedTime(p("file"), FileTime.fromMillis(0)),
      () -> Files.setPosixFilePermissions(p("file"), PosixFilePermissions.fromString("rwx------")),
      () -> Files.setAttribute(p("file"), "user:x", new byte[1]),
      () -> Files.setAttribute(p("file"), "unix:uid", 1),
    };
    for (int i = 0; i < changes.length; i++) {
      assertThatThrownBy(changes[i])
          .as("change %d", i)
          .isInstanceOf(ReadOnlyFileSystemException.class);
    }
    assertThat(fileSystem.isReadOnly()).isTrue();
    assertThat(Files.getFileStore(p("file")).isReadOnly()).isTrue();
    assertThat(Files.isWritable(p("file"))).isFalse();
    assertThat(Files.isReadable(p("file"))).isTrue();
    assertThatThrownBy(() -> Files.createDirectories(p("etc/x/y")))
        .isInstanceOf(ReadOnlyFileSystemException.class);
    Files.createDirectories(p("etc/empty"));
  }

  @Test
  void files_areMappedInPlace() throws IOException {
    ByteBuffer mapped;
    try (FileChannel channel = FileChannel.open(p("file"))) {
      mapped = channel.map(MapMode.READ_ONLY, 5, 7);
    }
    byte[] bytes = new byte[mapped.remaining()];
    mapped.get(bytes);
    assertThat(bytes).asString(StandardCharsets.UTF_8).isEqualTo("content");
  }

  @Test
  void owners_haveTheNamesOfTheTree() throws IOException {
    var names = fileSystem.getUserPrincipalLookupService();
    assertThat(names.lookupPrincipalByName("web")).isEqualTo(names.lookupPrincipalByName("33"));
    assertThat(names.lookupPrincipalByName("33").getName()).isEqualTo("web");
    assertThat(names.lookupPrincipalByGroupName("50").getName()).isEqualTo("staff");
    assertThat(names.lookupPrincipalByGroupName("33").getName()).isEqualTo("33");
  }
}
