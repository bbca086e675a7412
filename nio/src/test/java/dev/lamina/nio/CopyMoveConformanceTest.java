package dev.lamina.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.nio.Backend.Lab;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code Files.copy} and {@code Files.move}, on Lamina as on the JDK's file system. */
@ParameterizedClass
@EnumSource(Backend.class)
final class CopyMoveConformanceTest extends Conformance {
  private static final FileTime THEN = FileTime.from(1_234_567_890_123_456L, TimeUnit.MICROSECONDS);

  private void dress(Path file) throws IOException {
    Files.setLastModifiedTime(file, THEN);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx-wx--x"));
  }

  @Test
  void copy_ofAFile_hasItsContentAndMode() throws IOException {
    dress(p("a.txt"));
    Files.copy(p("a.txt"), p("copy"));
    assertThat(p("copy")).hasContent("alpha");
    assertThat(mode("copy")).isEqualTo("rwx--x--x");
    assertThat(Files.getLastModifiedTime(p("copy"))).isNotEqualTo(THEN);
    assertThatThrownBy(() -> Files.copy(p("a.txt"), p("copy")))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> Files.copy(p("none"), p("copy2")))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> Files.copy(p("a.txt"), p("no/such")))
        .isInstanceOf(NoSuchFileException.class);
    Files.copy(p("b.txt"), p("copy"), StandardCopyOption.REPLACE_EXISTING);
    assertThat(p("copy")).hasContent("beta");
  }

  private String mode(String path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(p(path)));
  }

  @Test
  void copy_withAttributes_keepsThem() throws IOException {
    dress(p("a.txt"));
    Files.copy(p("a.txt"), p("copy"), StandardCopyOption.COPY_ATTRIBUTES);
    assertThat(Files.getLastModifiedTime(p("copy"))).isEqualTo(THEN);
    assertThat(mode("copy")).isEqualTo("rwx-wx--x");
    assertThat(Files.getFileAttributeView(p("copy"), UserDefinedFileAttributeView.class).list())
        .containsExactly("color");
    Files.setLastModifiedTime(p("empty"), THEN);
    Files.copy(p("empty"), p("empty2"), StandardCopyOption.COPY_ATTRIBUTES);
    assertThat(Files.getLastModifiedTime(p("empty2"))).isEqualTo(THEN);
  }

  @Test
  void copy_ofALink_isItsTargetOrTheLink() throws IOException {
    Files.copy(p("link"), p("followed"));
    Files.copy(p("link"), p("kept"), LinkOption.NOFOLLOW_LINKS);
    assertThat(Files.isSymbolicLink(p("followed"))).isFalse();
    assertThat(Files.readSymbolicLink(p("kept"))).hasToString("a.txt");
    assertThatThrownBy(() -> Files.copy(p("dangling"), p("x")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void copy_ofADirectory_isEmpty() throws IOException {
    Files.copy(p("dir"), p("dir2"));
    assertThat(p("dir2")).isEmptyDirectory();
    assertThatThrownBy(() -> Files.copy(p("a.txt"), p("dir"), StandardCopyOption.REPLACE_EXISTING))
        .isInstanceOf(DirectoryNotEmptyException.class);
    Files.copy(p("a.txt"), p("dir2"), StandardCopyOption.REPLACE_EXISTING);
    assertThat(p("dir2")).hasContent("alpha");
  }

  @Test
  void copy_ontoItself_doesNothing() throws IOException {
    Files.copy(p("a.txt"), p("a.txt"));
    Files.copy(p("a.txt"), p("dir/../a.txt"), StandardCopyOption.REPLACE_EXISTING);
    assertThat(p("a.txt")).hasContent("alpha");
  }

  @Test
  void copy_atomically_isNotSupported() {
    assertThatThrownBy(() -> Files.copy(p("a.txt"), p("x"), StandardCopyOption.ATOMIC_MOVE))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> Files.move(p("a.txt"), p("x"), StandardCopyOption.COPY_ATTRIBUTES))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void copy_goesBetweenFileSystems() throws IOException {
    Path outside = directory.resolve("outside");
    Files.copy(p("a.txt"), outside);
    assertThat(outside).hasContent("alpha");
    Files.writeString(outside, "from outside");
    Files.copy(outside, p("inside"), StandardCopyOption.COPY_ATTRIBUTES);
    Files.move(outside, p("dir/moved"));
    assertThat(p("inside")).hasContent("from outside");
    assertThat(p("dir/moved")).hasContent("from outside");
    assertThat(outside).doesNotExist();
    try (Lab other = backend.open(Files.createDirectory(directory.resolve("other")))) {
      Files.copy(p("b.txt"), other.root().resolve("b2"));
      Files.move(p("c.txt"), other.root().resolve("dir/c"));
      assertThat(other.root().resolve("b2")).hasContent("beta");
      assertThat(other.root().resolve("dir/c")).hasContent("gamma");
      assertThat(Files.exists(p("c.txt"))).isFalse();
    }
  }

  @Test
  void move_renames() throws IOException {
    Object key = Files.getAttribute(p("c.txt"), "unix:ino");
    Files.move(p("c.txt"), p("dir/c2"));
    assertThat(p("dir/c2")).hasContent("gamma");
    assertThat(Files.getAttribute(p("dir/c2"), "unix:ino")).isEqualTo(key);
    assertThat(Files.exists(p("c.txt"))).isFalse();
    assertThatThrownBy(() -> Files.move(p("a.txt"), p("b.txt")))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> Files.move(p("none"), p("x"))).isInstanceOf(NoSuchFileException.class);
    Files.move(p("a.txt"), p("b.txt"), StandardCopyOption.REPLACE_EXISTING);
    assertThat(p("b.txt")).hasContent("alpha");
    Files.move(p("link"), p("link2"));
    assertThat(Files.readSymbolicLink(p("link2"))).hasToString("a.txt");
    Files.move(p("b.txt"), p("b.txt"));
    assertThat(p("b.txt")).hasContent("alpha");
  }

  @Test
  void move_ofADirectory_takesWhatIsInIt() throws IOException {
    Files.move(p("deep"), p("dir/deep2"));
    assertThat(p("dir/deep2/x/y/file")).hasContent("deep");
    assertThat(Files.exists(p("deep"))).isFalse();
    assertThatThrownBy(() -> Files.move(p("dir"), p("dir/deep2/inside")))
        .isInstanceOf(FileSystemException.class);
    assertThatThrownBy(() -> Files.move(p("a.txt"), p("dir"), StandardCopyOption.REPLACE_EXISTING))
        .isInstanceOf(DirectoryNotEmptyException.class);
    Files.move(p("dir"), p("empty"), StandardCopyOption.REPLACE_EXISTING);
    assertThat(p("empty/up")).hasContent("3");
    Files.move(p("empty"), p("a.txt"), StandardCopyOption.REPLACE_EXISTING);
    assertThat(p("a.txt/up")).hasContent("3");
  }

  @Test
  void move_atomically_replaces() throws IOException {
    Files.move(p("a.txt"), p("b.txt"), StandardCopyOption.ATOMIC_MOVE);
    assertThat(p("b.txt")).hasContent("alpha");
    assertThatThrownBy(() -> Files.move(p("none"), p("x"), StandardCopyOption.ATOMIC_MOVE))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> Files.move(p("b.txt"), p("dir"), StandardCopyOption.ATOMIC_MOVE))
        .isInstanceOf(FileSystemException.class);
  }
}
