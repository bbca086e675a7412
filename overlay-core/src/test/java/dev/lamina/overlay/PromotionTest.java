package dev.lamina.overlay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PromotionTest {
  private static final Caller CALLER = Caller.self();

  @TempDir Path directory;

  @Test
  void write_copiesUpAndLeavesTheLowerAlone() throws Exception {
    Stack stack = new Stack(directory);
    Path lower = stack.lower();
    Files.writeString(lower.resolve("f"), "below");
    try (Overlay overlay = stack.open()) {
      overlay.paths().write("f", "above".getBytes(UTF_8));
      assertThat(overlay.paths().read("f")).asString(UTF_8).isEqualTo("above");
    }
    assertThat(lower.resolve("f")).hasContent("below");
    assertThat(stack.upper().resolve("f")).hasContent("above");
  }

  @Test
  void chmod_keepsContentAndTimesAndParentTimes() throws Exception {
    Stack stack = new Stack(directory);
    Path lower = stack.lower();
    Files.createDirectory(lower.resolve("d"));
    Files.writeString(lower.resolve("d/f"), "content");
    FileTime old = FileTime.from(Instant.parse("2001-02-03T04:05:06.123456789Z"));
    Files.setLastModifiedTime(lower.resolve("d/f"), old);
    Files.setLastModifiedTime(lower.resolve("d"), old);
    try (Overlay overlay = stack.open()) {
      overlay.paths().chmod("d/f", 0600);
      Stat file = overlay.paths().stat("d/f");
      Stat parent = overlay.paths().stat("d");
      assertThat(file.mode & 07777).isEqualTo(0600);
      assertThat(file.mtimeNanos).isEqualTo(123456789);
      assertThat(parent.mtime).isEqualTo(old.to(java.util.concurrent.TimeUnit.SECONDS));
      assertThat(overlay.paths().read("d/f")).asString(UTF_8).isEqualTo("content");
    }
  }

  @Test
  void handleOpenedBefore_seesWhatIsWrittenAfterPromotion() throws Exception {
    Stack stack = new Stack(directory);
    Files.writeString(stack.lower().resolve("f"), "below");
    try (Overlay overlay = stack.open()) {
      InodeFileSystem inodes = overlay.inodes();
      Entry entry = lookup(inodes, InodeFileSystem.ROOT, "f");
      Opened reader = new Opened();
      inodes.open(CALLER, entry.node, OpenFlags.O_RDONLY, reader);
      assertThat(read(inodes, reader)).isEqualTo("below");
      overlay.paths().write("f", "above".getBytes(UTF_8));
      assertThat(read(inodes, reader)).isEqualTo("above");
      inodes.release(reader.handle);
    }
  }

  @Test
  void truncatingOpen_copiesNoData() throws Exception {
    Stack stack = new Stack(directory);
    Path big = stack.lower().resolve("big");
    try (RandomAccessFile file = new RandomAccessFile(big.toFile(), "rw")) {
      file.write(new byte[1 << 20]);
    }
    try (Overlay overlay = stack.open()) {
      InodeFileSystem inodes = overlay.inodes();
      Entry entry = lookup(inodes, InodeFileSystem.ROOT, "big");
      Opened writer = new Opened();
      inodes.open(CALLER, entry.node, OpenFlags.O_WRONLY | OpenFlags.O_TRUNC, writer);
      inodes.release(writer.handle);
      Stat stat = overlay.paths().stat("big");
      assertThat(stat.size).isZero();
      assertThat(stat.blocks).isZero();
    }
  }

  @Test
  void sparseFile_staysSparse() throws Exception {
    Stack stack = new Stack(directory);
    Path sparse = stack.lower().resolve("sparse");
    try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
      file.setLength(64 << 20);
      file.seek(32 << 20);
      file.write("data".getBytes(UTF_8));
    }
    try (Overlay overlay = stack.open()) {
      overlay.paths().chmod("sparse", 0600);
      Stat stat = overlay.paths().stat("sparse");
      assertThat(stat.size).isEqualTo(64 << 20);
      assertThat(stat.blocks * 512).isLessThan(1 << 20);
    }
  }

  @Test
  void fileUnlinkedWhileOpen_canStillBePromoted() throws Exception {
    Stack stack = new Stack(directory);
    Files.writeString(stack.lower().resolve("f"), "below");
    try (Overlay overlay = stack.open()) {
      InodeFileSystem inodes = overlay.inodes();
      Entry entry = lookup(inodes, InodeFileSystem.ROOT, "f");
      Opened reader = new Opened();
      inodes.open(CALLER, entry.node, OpenFlags.O_RDONLY, reader);
      overlay.paths().remove("f");
      // What a program does by opening /proc/self/fd/N for writing.
      Opened writer = new Opened();
      inodes.open(CALLER, entry.node, OpenFlags.O_WRONLY, writer);
      NativeMemory data = NativeMemory.allocate(5);
      data.put(0, "above".getBytes(UTF_8), 0, 5);
      inodes.write(writer.handle, data, 0, 5, 0);
      assertThat(read(inodes, reader)).isEqualTo("above");
      Stat stat = new Stat();
      inodes.getattr(entry.node, stat);
      assertThat(stat.nlink).isZero();
      inodes.release(writer.handle);
      inodes.release(reader.handle);
      assertThat(overlay.paths().exists("f")).isFalse();
    }
    try (var upper = Files.list(stack.work().resolve("work"))) {
      assertThat(upper).isEmpty();
    }
  }

  @Test
  void symlinksTimesAndTarget_surviveCopyUp() throws Exception {
    Stack stack = new Stack(directory);
    Path link = stack.lower().resolve("link");
    Files.createSymbolicLink(link, Path.of("nowhere"));
    Stat before = new Stat();
    try (Overlay overlay = stack.open()) {
      before.set(overlay.paths().statNofollow("link"));
      InodeFileSystem inodes = overlay.inodes();
      Entry entry = lookup(inodes, InodeFileSystem.ROOT, "link");
      inodes.link(CALLER, entry.node, InodeFileSystem.ROOT, Name.of("other"), new Entry());
      Stat after = overlay.paths().statNofollow("link");
      assertThat(after.mtime).isEqualTo(before.mtime);
      assertThat(after.mtimeNanos).isEqualTo(before.mtimeNanos);
      assertThat(after.nlink).isEqualTo(2);
      assertThat(overlay.paths().readlink("other")).isEqualTo("nowhere");
    }
  }

  @Test
  void refusedLinkOrCreation_promotesNothing() throws Exception {
    Stack stack = new Stack(directory);
    Path lower = stack.lower();
    Files.createDirectory(lower.resolve("d"));
    Files.writeString(lower.resolve("d/f"), "below");
    try (Overlay overlay = stack.open()) {
      InodeFileSystem inodes = overlay.inodes();
      Entry d = lookup(inodes, InodeFileSystem.ROOT, "d");
      Entry f = lookup(inodes, d.node, "f");
      Name taken = Name.of("f");
      assertThatThrownBy(() -> inodes.link(CALLER, f.node, d.node, taken, new Entry()))
          .hasMessageContaining("EEXIST");
      assertThatThrownBy(() -> inodes.mkdir(CALLER, d.node, taken, 0755, new Entry()))
          .hasMessageContaining("EEXIST");
    }
    try (var upper = Files.list(stack.upper())) {
      assertThat(upper).isEmpty();
    }
  }

  @Test
  void listener_isToldOfFileAndParents() throws Exception {
    Stack stack = new Stack(directory);
    Path lower = stack.lower();
    Files.createDirectories(lower.resolve("a/b"));
    Files.writeString(lower.resolve("a/b/f"), "below");
    try (Overlay overlay = stack.open()) {
      java.util.List<Long> told = new java.util.ArrayList<>();
      overlay.inodes().addAttributeListener(told::add);
      InodeFileSystem inodes = overlay.inodes();
      Entry a = lookup(inodes, InodeFileSystem.ROOT, "a");
      Entry b = lookup(inodes, a.node, "b");
      Entry f = lookup(inodes, b.node, "f");
      overlay.paths().chmod("a/b/f", 0600);
      assertThat(told).containsExactly(a.node, b.node, f.node);
    }
  }

  static Entry lookup(InodeFileSystem inodes, long parent, String name) throws Exception {
    Entry entry = new Entry();
    assertThat(inodes.lookup(parent, Name.of(name), entry)).isTrue();
    return entry;
  }

  private static String read(InodeFileSystem inodes, Opened opened) throws Exception {
    NativeMemory memory = NativeMemory.allocate(100);
    int size = inodes.read(opened.handle, memory, 0, 100, 0);
    return new String(memory.copy(0, size), UTF_8);
  }
}
