package dev.lamina.fuse;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresLibfuse;
import dev.lamina.fuse.session.PassthroughPolicy;
import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.MountTable;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import dev.lamina.overlay.Caller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What is libfuse's own in a mount that is served through it. That files are what they are on other
 * mounts the other tests show, which the build runs on such mounts too.
 */
@RequiresLibfuse
class LibfuseTest {
  private static final String HIDDEN = "glob:**/.fuse_hidden*";

  private static LoopbackMount mount(MountScratch scratch) throws IOException {
    return LoopbackMount.in(
        scratch, builder -> builder.transport(Transport.LIBFUSE).ioUring(IoUringMode.OFF));
  }

  private static int open(LoopbackMount mounted, String name, int flags) throws ErrnoException {
    return At.open(mounted.targetFd, Name.of(name), flags, 0644);
  }

  private static Stat stat(int fd) throws ErrnoException {
    Stat stat = new Stat();
    At.stat(fd, stat);
    return stat;
  }

  private static String content(int fd) throws ErrnoException {
    NativeMemory memory = NativeMemory.allocate(16);
    return new String(memory.copy(0, Fd.pread(fd, memory, 0, 16, 0)), US_ASCII);
  }

  @Test
  void mount_answersWhenItIsThere(MountScratch scratch) throws Exception {
    try (LoopbackMount mounted = mount(scratch)) {
      assertThat(MountTable.at(mounted.target).orElseThrow().type()).isEqualTo("fuse.lamina");
      // It was asked before mount() returned; requests are counted when they have been answered.
      while (!mounted.mount.requests().keySet().containsAll(Set.of("INIT", "STATFS"))) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void close_leavesNoMountNoThreadAndNoDescriptor(MountScratch scratch) throws Exception {
    // What is loaded once stays.
    mount(scratch).close();
    Set<Path> before = descriptors();
    try (LoopbackMount mounted = mount(scratch)) {
      Files.writeString(mounted.target.resolve("f"), "content");
      assertThat(threads()).isPositive();
      mounted.mount.close();
      assertThat(MountTable.at(mounted.target)).isEmpty();
      assertThat(mounted.mount.isLive()).isFalse();
      assertThat(mounted.fileSystem.heldNodes()).isZero();
    }
    while (threads() > 0) {
      Thread.onSpinWait();
    }
    assertThat(descriptors()).isEqualTo(before);
  }

  /** Those that lead to files of the test or to the device. */
  private static Set<Path> descriptors() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.filter(fd -> target(fd).contains("fuse") || target(fd).contains("lamina-test"))
          .collect(Collectors.toSet());
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return "";
    }
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("lamina-fuse-"))
        .count();
  }

  @Test
  void close_givesBackWhatProgramsLeftOpen(MountScratch scratch) throws Exception {
    try (LoopbackMount mounted = mount(scratch)) {
      Files.createDirectory(mounted.target.resolve("d"));
      int file = open(mounted, "f", OpenFlags.O_CREAT | OpenFlags.O_RDWR);
      int removed = open(mounted, "d/g", OpenFlags.O_CREAT | OpenFlags.O_RDWR);
      Files.delete(mounted.target.resolve("d/g"));
      int directory = At.openDirectory(mounted.targetFd, Name.of("d"));
      mounted.mount.close();
      assertThat(mounted.fileSystem.heldNodes()).isZero();
      assertThat(mounted.fileSystem.openHandles()).isZero();
      Fd.close(file);
      Fd.close(removed);
      Fd.close(directory);
    }
  }

  @Test
  void removedOpenFile_livesOnWithoutAnyName(MountScratch scratch) throws Exception {
    try (LoopbackMount mounted = mount(scratch)) {
      Path directory = Files.createDirectory(mounted.target.resolve("d"));
      int fd = open(mounted, "d/f", OpenFlags.O_CREAT | OpenFlags.O_RDWR);
      Files.writeString(directory.resolve("f"), "content");
      Files.delete(directory.resolve("f"));
      assertThat(directory).isEmptyDirectory();
      assertThat(mounted.source.resolve("d")).isEmptyDirectory();

      Fd.chmod(fd, 0600);
      Fd.truncate(fd, 4);
      Xattr.set(fd, Name.of("user.name"), NativeMemory.allocate(3), 0, 3, 0);
      assertThat(stat(fd).mode & FileMode.PERMISSIONS).isEqualTo(0600);
      assertThat(stat(fd).nlink).isZero();
      assertThat(stat(fd).size).isEqualTo(4);
      assertThat(Xattr.get(fd, Name.of("user.name"), NativeMemory.allocate(3), 0, 3)).isEqualTo(3);

      Files.move(directory, mounted.target.resolve("e"));
      assertThat(stat(fd).size).isEqualTo(4);
      Files.delete(mounted.target.resolve("e"));
      assertThat(content(fd)).isEqualTo("cont");
      Fd.close(fd);
    }
  }

  @Test
  void replacedOpenFile_isTheOldOneToThoseWhoHaveIt(MountScratch scratch) throws Exception {
    try (LoopbackMount mounted = mount(scratch)) {
      Path file = Files.writeString(mounted.target.resolve("f"), "old");
      Path other = Files.writeString(mounted.target.resolve("g"), "new");
      int fd = open(mounted, "f", OpenFlags.O_RDONLY);
      Files.move(other, file, ATOMIC_MOVE);
      assertThat(content(fd)).isEqualTo("old");
      assertThat(stat(fd).nlink).isZero();
      assertThat(Files.readString(file)).isEqualTo("new");
      assertThat(mounted.source)
          .isDirectoryContaining("glob:**/f")
          .isDirectoryNotContaining(HIDDEN);
      Fd.close(fd);
      assertThat(Files.readString(file)).isEqualTo("new");
    }
  }

  @Test
  void openFile_whoseReplacementFails_keepsItsName(MountScratch scratch) throws Exception {
    try (LoopbackFileSystem source =
            new LoopbackFileSystem(scratch.directory("source")) {
              @Override
              public void rename(
                  Caller caller, long parent, Name name, long newParent, Name newName, int flags)
                  throws ErrnoException {
                throw new ErrnoException(Errno.ENOSPC, "rename");
              }
            };
        FuseMount mount = through(source, scratch, builder -> builder)) {
      Path file = Files.writeString(mount.mountPoint().resolve("f"), "old");
      Path other = Files.writeString(mount.mountPoint().resolve("g"), "new");
      int fd = At.open(At.FDCWD, Name.of(file.toString()), OpenFlags.O_RDONLY, 0);
      assertThatThrownBy(() -> Files.move(other, file, ATOMIC_MOVE))
          .hasMessageContaining("No space left");
      assertThat(Files.readString(file)).isEqualTo("old");
      Fd.close(fd);
      while (source.openHandles() > 0) {
        Thread.onSpinWait();
      }
      assertThat(Files.readString(file)).isEqualTo("old");
      assertThat(mount.mountPoint()).isDirectoryNotContaining(HIDDEN);
    }
  }

  @Test
  void nameLikeOneOfLibfuses_isAnyName(MountScratch scratch) throws Exception {
    try (LoopbackMount mounted = mount(scratch)) {
      Path file = Files.writeString(mounted.target.resolve("f"), "content");
      int fd = open(mounted, "f", OpenFlags.O_RDONLY);
      Path renamed = mounted.target.resolve(".fuse_hidden0000000200000001");
      Files.move(file, renamed);
      assertThat(Files.readString(renamed)).isEqualTo("content");
      Fd.close(fd);
      assertThat(Files.readString(renamed)).isEqualTo("content");
      assertThat(mounted.source.resolve(renamed.getFileName())).hasContent("content");
    }
  }

  @Test
  void movedDirectory_takesItsFilesAlong(MountScratch scratch) throws Exception {
    try (LoopbackMount mounted = mount(scratch)) {
      Path a = Files.createDirectories(mounted.target.resolve("a/b"));
      Files.writeString(a.resolve("f"), "first");
      Files.move(mounted.target.resolve("a"), mounted.target.resolve("c"));
      Files.createDirectories(a);
      Files.writeString(a.resolve("f"), "second");
      assertThat(Files.readString(a.resolve("f"))).isEqualTo("second");
      assertThat(Files.readString(mounted.target.resolve("c/b/f"))).isEqualTo("first");
    }
  }

  @Test
  void whatLibfuseHasNot_isRefusedInOneLine(MountScratch scratch) throws Exception {
    try (LoopbackFileSystem source = new LoopbackFileSystem(scratch.directory("source"))) {
      assertRefused(source, scratch, b -> b.ioUring(IoUringMode.ON), "io_uring");
      assertRefused(source, scratch, b -> b.passthrough(PassthroughPolicy.ALL), "passthrough");
      assertRefused(source, scratch, b -> b.writeback(true), "writeback caching");
    }
  }

  private static void assertRefused(
      LoopbackFileSystem source,
      MountScratch scratch,
      UnaryOperator<FuseMountBuilder> switches,
      String what) {
    assertThatThrownBy(() -> through(source, scratch, switches).close())
        .isInstanceOf(MountException.class)
        .hasMessage("there is no " + what + " through libfuse");
  }

  private static FuseMount through(
      LoopbackFileSystem source, MountScratch scratch, UnaryOperator<FuseMountBuilder> switches)
      throws IOException {
    FuseMountBuilder builder = FuseMount.of(source).transport(Transport.LIBFUSE);
    return switches.apply(builder).on(scratch.directory("target")).mount();
  }

  @Test
  void missingLibrary_isNamedWithItsPackage() {
    assertThat(LibfuseTransport.missing(new UnsatisfiedLinkError("libfuse.so.2: not\nthere")))
        .hasMessage("no libfuse.so.2 (Debian package libfuse2): libfuse.so.2: not")
        .extracting(MountException::reason)
        .isEqualTo(MountException.Reason.NO_LIBFUSE);
  }
}
