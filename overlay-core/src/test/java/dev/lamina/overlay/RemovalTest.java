package dev.lamina.overlay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names that go, and what must not come back: bugs of other unions among them. */
final class RemovalTest {
  private static final Caller CALLER = Caller.self();

  @TempDir Path directory;

  @Test
  void whiteouts_areNamesOfOneInodeUntilItIsGone() throws Exception {
    Stack stack = new Stack(directory);
    Path lower = stack.lower();
    List<String> names = List.of("a", "b", "c");
    for (String name : names) {
      Files.writeString(lower.resolve(name), "below");
    }
    try (Overlay overlay = stack.open()) {
      for (int round = 0; round < 3; round++) {
        for (String name : names) {
          overlay.paths().remove(name);
        }
        assertThat(names.stream().map(name -> inode(stack.upper().resolve(name))).distinct())
            .hasSize(1);
        assertThat(overlay.paths().list("/")).isEmpty();
        // With its last name goes the inode: the next whiteout is another.
        for (String name : names) {
          overlay.paths().create(name, 0644);
        }
      }
      overlay.paths().remove("b");
      assertThat(overlay.paths().list("/")).containsExactlyInAnyOrder("a", "c");
    }
    try (Overlay again = stack.open()) {
      assertThat(again.paths().exists("b")).isFalse();
    }
  }

  private static Object inode(Path path) {
    try {
      return Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void newFileRenamedOverLowerThenUnlinked_lowerDoesNotReappear() throws Exception {
    Stack stack = new Stack(directory);
    Files.writeString(stack.lower().resolve("f"), "below");
    try (Overlay overlay = stack.open()) {
      overlay.paths().write("new", "above".getBytes(UTF_8));
      overlay.paths().rename("new", "f");
      overlay.paths().remove("f");
      assertThat(overlay.paths().list("/")).isEmpty();
    }
    try (Overlay again = stack.open()) {
      assertThat(again.paths().exists("f")).isFalse();
    }
  }

  @Test
  void newFileRenamedOverLowerThenAway_lowerDoesNotReappear() throws Exception {
    Stack stack = new Stack(directory);
    Files.writeString(stack.lower().resolve("f"), "below");
    try (Overlay overlay = stack.open()) {
      overlay.paths().symlink("nowhere", "new");
      overlay.paths().rename("new", "f");
      overlay.paths().rename("f", "elsewhere");
      assertThat(overlay.paths().list("/")).containsExactly("elsewhere");
    }
  }

  @Test
  void exchangedFiles_leaveNothingBehindWhenRemoved() throws Exception {
    Stack stack = new Stack(directory);
    Files.writeString(stack.lower().resolve("f"), "below");
    try (Overlay overlay = stack.open()) {
      overlay.paths().write("g", "above".getBytes(UTF_8));
      overlay
          .inodes()
          .rename(
              CALLER,
              InodeFileSystem.ROOT,
              Name.of("f"),
              InodeFileSystem.ROOT,
              Name.of("g"),
              InodeFileSystem.RENAME_EXCHANGE);
      assertThat(overlay.paths().read("f")).asString(UTF_8).isEqualTo("above");
      assertThat(overlay.paths().read("g")).asString(UTF_8).isEqualTo("below");
      overlay.paths().remove("f");
      overlay.paths().remove("g");
      assertThat(overlay.paths().list("/")).isEmpty();
    }
  }

  @Test
  void unlinkOfLowerFile_copiesNothing() throws Exception {
    Stack stack = new Stack(directory);
    Files.write(stack.lower().resolve("big"), new byte[1 << 20]);
    try (Overlay overlay = stack.open()) {
      overlay.paths().remove("big");
    }
    Stat stat = new Stat();
    int fd = dev.lamina.linux.At.openDirectory(-100, Name.of(stack.upper().toString()));
    try {
      assertThat(dev.lamina.linux.At.stat(fd, Name.of("big"), stat)).isTrue();
    } finally {
      dev.lamina.linux.Fd.close(fd);
    }
    assertThat(stat.isCharDevice00()).isTrue();
  }

  @Test
  void directoryDeletedAndMadeAgain_showsNoneOfItsOldChildren() throws Exception {
    Stack stack = new Stack(directory);
    Path lower = stack.lower();
    Files.createDirectories(lower.resolve("d/sub"));
    Files.writeString(lower.resolve("d/sub/f"), "below");
    try (Overlay overlay = stack.open()) {
      OverlayPaths paths = overlay.paths();
      paths.remove("d/sub/f");
      paths.remove("d/sub");
      paths.remove("d");
      paths.mkdir("d", 0755);
      assertThat(paths.list("d")).isEmpty();
      paths.mkdir("d/sub", 0755);
      assertThat(paths.list("d/sub")).isEmpty();
    }
    try (Overlay again = stack.open()) {
      assertThat(again.paths().list("d/sub")).isEmpty();
    }
  }

  @Test
  void removalInADirectoryThatIsNotEmpty_isRefused() throws Exception {
    Stack stack = new Stack(directory);
    Path lower = stack.lower();
    Files.createDirectory(lower.resolve("d"));
    Files.writeString(lower.resolve("d/f"), "below");
    try (Overlay overlay = stack.open()) {
      assertErrno(Errno.ENOTEMPTY, () -> overlay.paths().remove("d"));
      assertErrno(Errno.ENOENT, () -> overlay.paths().remove("absent"));
      assertErrno(
          Errno.ENOTDIR, () -> overlay.inodes().rmdir(CALLER, dirNode(overlay, "d"), Name.of("f")));
    }
  }

  @Test
  void removedDirectoryStillInUse_hasNoLinksAndTakesNothingNew() throws Exception {
    Stack stack = new Stack(directory);
    stack.lower();
    try (Overlay overlay = stack.open()) {
      overlay.paths().mkdir("d", 0755);
      long node = dirNode(overlay, "d");
      overlay.paths().remove("d");
      Stat stat = new Stat();
      overlay.inodes().getattr(node, stat);
      assertThat(stat.nlink).isZero();
      assertErrno(
          Errno.ENOENT,
          () -> overlay.inodes().mkdir(CALLER, node, Name.of("x"), 0755, new Entry()));
    }
  }

  @Test
  void directoryOfALowerLayer_doesNotMoveWithoutRedirects() throws Exception {
    Stack stack = new Stack(directory);
    Files.createDirectory(stack.lower().resolve("d"));
    OverlayOptions options = stack.options().redirectDir(RedirectDir.OFF).build();
    try (Overlay overlay = Overlay.open(options)) {
      assertErrno(Errno.EXDEV, () -> overlay.paths().rename("d", "e"));
      overlay.paths().mkdir("own", 0755);
      overlay.paths().write("own/f", new byte[3]);
      overlay.paths().rename("own", "moved");
      assertThat(overlay.paths().list("moved")).containsExactly("f");
    }
  }

  @Test
  void directoryMovedOverADeletedOne_isOpaque() throws Exception {
    Stack stack = new Stack(directory);
    Path lower = stack.lower();
    Files.createDirectory(lower.resolve("d"));
    Files.writeString(lower.resolve("d/old"), "below");
    try (Overlay overlay = stack.open()) {
      overlay.paths().remove("d/old");
      overlay.paths().remove("d");
      overlay.paths().mkdir("new", 0755);
      overlay.paths().rename("new", "d");
      assertThat(overlay.paths().list("/")).containsExactly("d");
      assertThat(overlay.paths().list("d")).isEmpty();
    }
    try (Overlay again = stack.open()) {
      assertThat(again.paths().list("d")).isEmpty();
    }
  }

  @Test
  void leftoversInWork_areSweptAtOpen() throws Exception {
    Stack stack = new Stack(directory);
    stack.lower();
    Files.createDirectories(stack.work().resolve("work/#1/deep/er"));
    Files.writeString(stack.work().resolve("work/#1/deep/er/f"), "half a copy");
    try (Overlay overlay = stack.open()) {
      assertThat(overlay.paths().list("/")).isEmpty();
    }
    try (var entries = Files.list(stack.work().resolve("work"))) {
      assertThat(entries.toList()).isEqualTo(List.of());
    }
  }

  private static long dirNode(Overlay overlay, String name) throws Exception {
    return PromotionTest.lookup(overlay.inodes(), InodeFileSystem.ROOT, name).node;
  }

  private static void assertErrno(
      int errno, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ErrnoException.class, e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
  }
}
