package dev.lamina.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What makes, removes and finds names, on Lamina as on the JDK's file system. */
@ParameterizedClass
@EnumSource(Backend.class)
final class FilesConformanceTest extends Conformance {
  private static FileAttribute<?> permissions(String text) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
  }

  @Test
  void files_areReadFromWhateverLayer() throws IOException {
    assertThat(p("a.txt")).hasContent("alpha");
    assertThat(p("b.txt")).hasContent("beta");
    assertThat(p("c.txt")).hasContent("gamma");
    assertThat(p("shadowed")).hasContent("new");
    assertThat(p("link")).hasContent("alpha");
    assertThat(p("dirlink/mid")).hasContent("2");
    assertThat(p("deep/x/up/dir/../a.txt")).hasContent("alpha");
    assertThat(Files.exists(p("gone"))).isFalse();
    try (InputStream in = Files.newInputStream(p("deep/x/y/file"))) {
      assertThat(in.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("deep");
    }
  }

  @Test
  void write_replacesAppendsAndCreates() throws IOException {
    Files.writeString(p("a.txt"), "A");
    assertThat(p("a.txt")).hasContent("A");
    Files.writeString(p("b.txt"), "!", java.nio.file.StandardOpenOption.APPEND);
    assertThat(p("b.txt")).hasContent("beta!");
    Files.writeString(p("fresh"), "f");
    assertThat(p("fresh")).hasContent("f");
    Files.writeString(p("dangling"), "through");
    assertThat(p("nowhere")).hasContent("through");
    assertThatThrownBy(() -> Files.writeString(p("a"), "", java.nio.file.StandardOpenOption.WRITE))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> Files.writeString(p("no/such"), ""))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> Files.writeString(p("dir"), "")).isInstanceOf(IOException.class);
  }

  @Test
  void createFile_refusesAnyName() {
    for (String name : new String[] {"a.txt", "dir", "dangling", "link"}) {
      assertThatThrownBy(() -> Files.createFile(p(name)))
          .isInstanceOf(FileAlreadyExistsException.class)
          .hasMessageContaining(name);
    }
  }

  @Test
  void createFile_givesThePermissionsAskedForButForTheUmask() throws IOException {
    Files.createFile(p("f"), permissions("rw-------"));
    Files.createFile(p("g"));
    Files.createDirectory(p("d"), permissions("rwx--x---"));
    Files.createDirectory(p("e"));
    assertThat(mode("f")).isEqualTo("rw-------");
    assertThat(mode("g")).isEqualTo("rw-r--r--");
    assertThat(mode("d")).isEqualTo("rwx--x---");
    assertThat(mode("e")).isEqualTo("rwxr-xr-x");
  }

  private String mode(String path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(p(path)));
  }

  @Test
  void createDirectory_refusesTakenNamesAndMissingParents() throws IOException {
    assertThatThrownBy(() -> Files.createDirectory(p("a.txt")))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> Files.createDirectory(p("dirlink")))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> Files.createDirectory(p("no/such")))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> Files.createDirectory(p("a.txt/x")))
        .isInstanceOf(FileSystemException.class);
    Files.createDirectories(p("dir/one/two/three"));
    Files.createDirectories(p("dir/one/two"));
    assertThat(p("dir/one/two/three")).isDirectory();
    assertThatThrownBy(() -> Files.createDirectories(p("a.txt/x")))
        .isInstanceOf(FileSystemException.class);
  }

  @Test
  void delete_removesFilesLinksAndEmptyDirectories() throws IOException {
    Files.delete(p("link"));
    Files.delete(p("dangling"));
    Files.delete(p("loop"));
    Files.delete(p("a.txt"));
    Files.delete(p("c.txt"));
    Files.delete(p("empty"));
    for (String gone : new String[] {"link", "dangling", "loop", "a.txt", "c.txt", "empty"}) {
      assertThat(Files.exists(p(gone), LinkOption.NOFOLLOW_LINKS)).as(gone).isFalse();
    }
    assertThatThrownBy(() -> Files.delete(p("a.txt"))).isInstanceOf(NoSuchFileException.class);
    assertThat(Files.deleteIfExists(p("a.txt"))).isFalse();
    assertThatThrownBy(() -> Files.delete(p("dir"))).isInstanceOf(DirectoryNotEmptyException.class);
    for (String name : new String[] {"low", "mid", "up"}) {
      Files.delete(p("dir").resolve(name));
    }
    Files.delete(p("dir"));
    Files.createDirectory(p("dir"));
    assertThat(p("dir")).isEmptyDirectory();
  }

  @Test
  void symbolicLinks_keepTheirTarget() throws IOException {
    for (String target : new String[] {"a.txt", "../x/./y", "/etc/passwd", "no such"}) {
      Path link = Files.createSymbolicLink(p("l"), lab.root().getFileSystem().getPath(target));
      assertThat(Files.readSymbolicLink(link)).hasToString(target);
      assertThat(Files.isSymbolicLink(link)).isTrue();
      Files.delete(link);
    }
    assertThatThrownBy(() -> Files.readSymbolicLink(p("a.txt")))
        .isInstanceOf(NotLinkException.class);
    assertThatThrownBy(() -> Files.readSymbolicLink(p("none")))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> Files.createSymbolicLink(p("link"), p("x")))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> Files.createSymbolicLink(p("l"), p("x"), permissions("rwx------")))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void symbolicLinks_thatLeadInCircles() {
    assertThatThrownBy(() -> Files.readString(p("loop")))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("loop");
    assertThat(Files.exists(p("loop"))).isFalse();
    assertThat(Files.isSymbolicLink(p("loop"))).isTrue();
  }

  @Test
  void hardLinks_areOneFile() throws IOException {
    Files.createLink(p("dir/second"), p("a.txt"));
    assertThat(Files.isSameFile(p("dir/second"), p("a.txt"))).isTrue();
    assertThat(Files.getAttribute(p("a.txt"), "unix:nlink")).isEqualTo(2);
    Files.writeString(p("dir/second"), "both");
    assertThat(p("a.txt")).hasContent("both");
    assertThatThrownBy(() -> Files.createLink(p("b.txt"), p("a.txt")))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> Files.createLink(p("l"), p("none")))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> Files.createLink(p("l"), p("dir")))
        .isInstanceOf(FileSystemException.class);
  }

  @Test
  void isSameFile_followsLinks() throws IOException {
    assertThat(Files.isSameFile(p("link"), p("a.txt"))).isTrue();
    assertThat(Files.isSameFile(p("dir/../a.txt"), p("a.txt"))).isTrue();
    assertThat(Files.isSameFile(p("a.txt"), p("b.txt"))).isFalse();
    assertThat(Files.isSameFile(p("none"), p("none"))).isTrue();
    assertThatThrownBy(() -> Files.isSameFile(p("a.txt"), p("none")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void toRealPath_knowsNoLinks() throws IOException {
    Path root = lab.root().toRealPath();
    assertThat(p("dirlink/../link").toRealPath()).isEqualTo(root.resolve("a.txt"));
    assertThat(p("deep/x/up/dirlink").toRealPath()).isEqualTo(root.resolve("dir"));
    assertThat(p("./dir/./.").toRealPath()).isEqualTo(root.resolve("dir"));
    assertThat(p("dir/../link").toRealPath(LinkOption.NOFOLLOW_LINKS)).isEqualTo(p("link"));
    assertThatThrownBy(() -> p("none").toRealPath()).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> p("none").toRealPath(LinkOption.NOFOLLOW_LINKS))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> p("a.txt/..").toRealPath()).isInstanceOf(FileSystemException.class);
  }

  @Test
  void checks_answerForWhatThereIs() throws IOException {
    assertThat(Files.exists(p("dangling"))).isFalse();
    assertThat(Files.exists(p("dangling"), LinkOption.NOFOLLOW_LINKS)).isTrue();
    assertThat(Files.notExists(p("none"))).isTrue();
    assertThat(Files.isDirectory(p("dirlink"))).isTrue();
    assertThat(Files.isDirectory(p("dirlink"), LinkOption.NOFOLLOW_LINKS)).isFalse();
    assertThat(Files.isRegularFile(p("link"))).isTrue();
    assertThat(Files.isReadable(p("a.txt"))).isTrue();
    assertThat(Files.isWritable(p("a.txt"))).isTrue();
    assertThat(Files.isExecutable(p("a.txt"))).isFalse();
    assertThat(Files.isExecutable(p("exec.sh"))).isTrue();
    assertThat(Files.isExecutable(p("dir"))).isTrue();
    assertThat(Files.isHidden(p(".hidden"))).isTrue();
    assertThat(Files.isHidden(p("a.txt"))).isFalse();
    assertThatThrownBy(
            () ->
                lab.root()
                    .getFileSystem()
                    .provider()
                    .checkAccess(p("a.txt"), java.nio.file.AccessMode.EXECUTE))
        .isInstanceOf(AccessDeniedException.class);
    assertThat(Files.mismatch(p("a.txt"), p("link"))).isEqualTo(-1);
    assertThat(Files.mismatch(p("a.txt"), p("b.txt"))).isZero();
  }

  @Test
  void temporaryFiles_areMade() throws IOException {
    Path file = Files.createTempFile(p("dir"), "pre", ".suf");
    Path made = Files.createTempDirectory(p("dir"), "pre");
    assertThat(file.getFileName().toString()).startsWith("pre").endsWith(".suf");
    assertThat(made).isEmptyDirectory();
  }

  @Test
  void names_areRefusedOnlyByTheKernel() {
    assertThatThrownBy(() -> Files.createFile(p("x".repeat(256))))
        .isInstanceOf(FileSystemException.class)
        .isNotInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> p("nul\0")).isInstanceOf(InvalidPathException.class);
    assertThatThrownBy(() -> p("half \ud800 pair")).isInstanceOf(InvalidPathException.class);
  }

  @Test
  void names_outsideAscii() throws IOException {
    for (String name : new String[] {"gr\u00fc\u00df", "\u65e5\u672c", "\ud83d\ude80", "a b\n*?"}) {
      Files.writeString(p(name), name);
      assertThat(Files.readString(p(name))).isEqualTo(name);
    }
  }

  @Test
  void foreignPaths_areRefused() {
    Path foreign = backend == Backend.JDK ? new Foreign().path() : Path.of("/tmp").toAbsolutePath();
    assertThatThrownBy(() -> lab.root().resolve(foreign))
        .isInstanceOf(ProviderMismatchException.class);
    assertThat(lab.root().startsWith(foreign)).isFalse();
    assertThat(lab.root().equals(foreign)).isFalse();
  }

  /** A path of neither file system. */
  private static final class Foreign {
    Path path() {
      return java.nio.file.FileSystems.getFileSystem(java.net.URI.create("jrt:/")).getPath("/");
    }
  }
}
