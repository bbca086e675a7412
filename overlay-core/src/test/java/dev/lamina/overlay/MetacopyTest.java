package dev.lamina.overlay;

import static dev.lamina.overlay.PromotionTest.lookup;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Identity;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Metadata that is promoted alone, and when the data follows. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class MetacopyTest {
  private static final Caller CALLER = Caller.self();
  private static final int SIZE = 1 << 20;

  /** The filesystem may put xattrs that do not fit the inode into a block of their own. */
  private static final long XATTR_BLOCK = 4096;

  @TempDir Path directory;
  private Stack stack;
  private Path lower;
  private Path upper;

  @BeforeEach
  void makeLower() throws Exception {
    Assumptions.assumeTrue(Identity.processUid() == 0, "trusted xattrs need CAP_SYS_ADMIN");
    stack = new Stack(directory);
    lower = stack.lower();
    upper = stack.upper();
  }

  @Test
  void wholeFileCopyOnChmodAndChownAndUtimesAndSetxattr_isNotMade() throws Exception {
    byte[] content = data(lower.resolve("big"));
    try (Overlay overlay = stack.open()) {
      InodeFileSystem inodes = overlay.inodes();
      long big = lookup(inodes, InodeFileSystem.ROOT, "big").node;
      Stat before = new Stat();
      inodes.getattr(big, before);
      AttributeChange change = new AttributeChange();
      change.set = AttributeChange.MODE | AttributeChange.UID | AttributeChange.MTIME;
      change.mode = 0640;
      change.uid = 7;
      change.mtime = 5;
      Stat after = new Stat();
      inodes.setattr(CALLER, big, 0, change, after);
      NativeMemory value = NativeMemory.allocate(1);
      inodes.setxattr(CALLER, big, Name.of("user.x"), value, 0, 1, 0);
      assertThat(after.mode & 07777).isEqualTo(0640);
      assertThat(after.uid).isEqualTo(7);
      assertThat(after.mtime).isEqualTo(5);
      assertThat(after.size).isEqualTo(SIZE);
      assertThat(after.blocks).as("those of the data").isEqualTo(before.blocks);
      assertThat(after.ino).isEqualTo(before.ino);
      assertThat(overlay.paths().read("big")).isEqualTo(content);
    }
    assertThat(Marked.is(upper.resolve("big"))).isTrue();
    assertThat(Marked.allocated(upper.resolve("big"))).isLessThanOrEqualTo(XATTR_BLOCK);
    try (Overlay again = stack.open()) {
      assertThat(again.paths().read("big")).isEqualTo(content);
      assertThat(again.paths().stat("big").blocks * 512).isGreaterThanOrEqualTo(SIZE);
    }
  }

  @Test
  void openForWriting_bringsTheDataUpAndMovesNothingElse() throws Exception {
    byte[] content = data(lower.resolve("f"));
    byte[] capability = {1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    Name name = Name.of("security.capability");
    Xattr.set(At.FDCWD, Name.of(lower.resolve("f").toString()), name, capability, 0);
    try (Overlay overlay = stack.open()) {
      overlay.paths().chmod("f", 04755);
      Stat before = overlay.paths().stat("f");
      InodeFileSystem inodes = overlay.inodes();
      long node = lookup(inodes, InodeFileSystem.ROOT, "f").node;
      inodes.release(open(inodes, node, OpenFlags.O_WRONLY));
      Stat after = overlay.paths().stat("f");
      assertThat(Marked.is(upper.resolve("f"))).isFalse();
      assertThat(upper.resolve("f")).hasBinaryContent(content);
      assertThat(after.mode).isEqualTo(before.mode);
      assertThat(after.mtime).isEqualTo(before.mtime);
      assertThat(after.mtimeNanos).isEqualTo(before.mtimeNanos);
      assertThat(after.ino).isEqualTo(before.ino);
    }
    assertThat(Xattr.get(At.FDCWD, Name.of(upper.resolve("f").toString()), name))
        .isEqualTo(capability);
    assertThat(lower.resolve("f")).hasBinaryContent(content);
  }

  @Test
  void handleOpenedOnAMetacopy_seesWhatIsWrittenLater() throws Exception {
    Files.writeString(lower.resolve("f"), "below");
    try (Overlay overlay = stack.open()) {
      InodeFileSystem inodes = overlay.inodes();
      long node = lookup(inodes, InodeFileSystem.ROOT, "f").node;
      long before = open(inodes, node, OpenFlags.O_RDONLY);
      overlay.paths().chmod("f", 0600);
      long between = open(inodes, node, OpenFlags.O_RDONLY);
      assertThat(read(inodes, before)).isEqualTo("below");
      assertThat(read(inodes, between)).isEqualTo("below");
      long writer = open(inodes, node, OpenFlags.O_WRONLY);
      NativeMemory text = NativeMemory.allocate(1);
      text.putByte(0, (byte) 'B');
      inodes.write(writer, text, 0, 1, 0);
      assertThat(read(inodes, before)).isEqualTo("Below");
      assertThat(read(inodes, between)).isEqualTo("Below");
      for (long handle : new long[] {before, between, writer}) {
        inodes.release(handle);
      }
    }
  }

  @Test
  void truncationToNothing_copiesNoData() throws Exception {
    data(lower.resolve("opened"));
    data(lower.resolve("truncated"));
    data(lower.resolve("shorter"));
    try (Overlay overlay = stack.open()) {
      InodeFileSystem inodes = overlay.inodes();
      for (String name : new String[] {"opened", "truncated", "shorter"}) {
        overlay.paths().chmod(name, 0600);
      }
      long node = lookup(inodes, InodeFileSystem.ROOT, "opened").node;
      inodes.release(open(inodes, node, OpenFlags.O_WRONLY | OpenFlags.O_TRUNC));
      truncate(inodes, "truncated", 0);
      truncate(inodes, "shorter", 10);
    }
    for (String name : new String[] {"opened", "truncated"}) {
      assertThat(upper.resolve(name)).isEmptyFile();
      assertThat(Marked.is(upper.resolve(name))).isFalse();
      assertThat(Marked.allocated(upper.resolve(name))).isLessThanOrEqualTo(XATTR_BLOCK);
    }
    assertThat(upper.resolve("shorter")).hasSize(10);
  }

  @Test
  void renamedAndLinkedMetacopies_findTheirDataByRedirect() throws Exception {
    for (String name : new String[] {"same", "other", "linked", "d/x", "d/y", "gone"}) {
      write(name);
    }
    Files.createLink(lower.resolve("several2"), write("several"));
    try (Overlay overlay = stack.open()) {
      overlay.paths().rename("same", "same2");
      overlay.paths().rename("other", "d/other");
      overlay.paths().rename("d/other", "d/other2");
      overlay.paths().rename("several", "several3");
      link(overlay.inodes(), "linked", "linked2");
      exchange(overlay.inodes(), "d/x", "d/y");
      overlay.paths().chmod("gone", 0600);
      overlay.paths().remove("gone");
    }
    // The values that kernel overlayfs (Linux 6.18) writes for these.
    assertThat(Marked.redirect(upper.resolve("same2"))).isEqualTo("same");
    assertThat(Marked.redirect(upper.resolve("d/other2"))).isEqualTo("/other");
    assertThat(Marked.redirect(upper.resolve("several3"))).isEqualTo("/several");
    assertThat(Marked.redirect(upper.resolve("linked"))).isEqualTo("/linked");
    assertThat(Marked.redirect(upper.resolve("d/x"))).isEqualTo("y");
    assertThat(Marked.redirect(upper.resolve("d/y"))).isEqualTo("x");
    try (Overlay again = stack.open()) {
      assertThat(again.paths().list("/"))
          .containsExactlyInAnyOrder("same2", "several3", "several2", "linked", "linked2", "d");
      assertThat(text(again, "same2")).isEqualTo("same");
      assertThat(text(again, "d/other2")).isEqualTo("other");
      assertThat(text(again, "several3")).isEqualTo("several");
      assertThat(text(again, "d/x")).isEqualTo("d/y");
      assertThat(text(again, "linked2")).isEqualTo("linked");
      // One file by two names: both get the data.
      again.paths().write("linked", "changed".getBytes(UTF_8));
      assertThat(text(again, "linked2")).isEqualTo("changed");
      assertThat(again.paths().stat("linked2").nlink).isEqualTo(2);
    }
    assertThat(upper.resolve("linked2")).hasContent("changed");
  }

  @Test
  void metacopyInAMovedDirectory_isFoundAgain() throws Exception {
    write("d/sub/f");
    write("d/sub/g");
    try (Overlay overlay = stack.open()) {
      overlay.paths().chmod("d/sub/f", 0600);
      overlay.paths().rename("d", "e");
      overlay.paths().rename("e/sub/g", "e/sub/h");
      overlay.paths().rename("e/sub", "out");
    }
    try (Overlay again = stack.open()) {
      assertThat(text(again, "out/f")).isEqualTo("d/sub/f");
      assertThat(text(again, "out/h")).isEqualTo("d/sub/g");
      again.paths().rename("out/h", "i");
    }
    assertThat(Marked.redirect(upper.resolve("i"))).isEqualTo("/d/sub/g");
  }

  /** Kernel overlayfs gives EXDEV, which programs expect of a rename across filesystems only. */
  @Test
  void renameThatNoRedirectCanTell_copiesTheData() throws Exception {
    String deep = "a".repeat(200) + "/" + "b".repeat(200);
    write(deep);
    try (Overlay overlay = stack.open()) {
      overlay.paths().chmod(deep, 0600);
      overlay.paths().rename(deep, "out");
    }
    assertThat(Marked.is(upper.resolve("out"))).isFalse();
    assertThat(upper.resolve("out")).hasContent(deep);
  }

  @Test
  void removedFileStillOpen_isChangedAndWritten() throws Exception {
    write("f");
    try (Overlay overlay = stack.open()) {
      InodeFileSystem inodes = overlay.inodes();
      long node = lookup(inodes, InodeFileSystem.ROOT, "f").node;
      long reader = open(inodes, node, OpenFlags.O_RDONLY);
      overlay.paths().remove("f");
      AttributeChange change = new AttributeChange();
      change.set = AttributeChange.MODE;
      change.mode = 0600;
      Stat stat = new Stat();
      inodes.setattr(CALLER, node, 0, change, stat);
      assertThat(stat.nlink).isZero();
      assertThat(read(inodes, reader)).isEqualTo("f");
      inodes.release(open(inodes, node, OpenFlags.O_WRONLY | OpenFlags.O_TRUNC));
      assertThat(read(inodes, reader)).isEmpty();
      inodes.release(reader);
    }
    try (var left = Files.list(stack.work().resolve("work"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void copyThatACrashInterrupted_showsTheOldFileOrTheTruncatedOne() throws Exception {
    write("copied");
    write("truncated");
    try (Overlay overlay = stack.open()) {
      overlay.paths().chmod("copied", 0600);
      overlay.paths().chmod("truncated", 0600);
    }
    // The mark goes last, so it is there whatever else was done.
    Files.writeString(upper.resolve("copied"), "cop\0\0\0");
    Files.write(upper.resolve("truncated"), new byte[0]);
    try (Overlay again = stack.open()) {
      assertThat(text(again, "copied")).isEqualTo("copied");
      assertThat(text(again, "truncated")).isEmpty();
      InodeFileSystem inodes = again.inodes();
      long node = lookup(inodes, InodeFileSystem.ROOT, "truncated").node;
      inodes.release(open(inodes, node, OpenFlags.O_WRONLY));
      assertThat(Marked.is(upper.resolve("truncated"))).isFalse();
      again.paths().rename("copied", "moved");
      again.paths().write("moved", "new".getBytes(UTF_8));
    }
    assertThat(upper.resolve("moved")).hasContent("new");
    assertThat(upper.resolve("truncated")).isEmptyFile();
  }

  @Test
  void chainOfMetacopiesInLowers_leadsToTheData() throws Exception {
    Path middle = lower;
    Path bottom = stack.lower();
    Files.createDirectories(bottom.resolve("d"));
    Files.writeString(bottom.resolve("d/f"), "data");
    Marked.make(middle.resolve("moved"), 4, "/d/f");
    Marked.make(upper.resolve("top"), 4, "moved");
    try (Overlay overlay = stack.open()) {
      assertThat(text(overlay, "top")).isEqualTo("data");
      assertThat(text(overlay, "moved")).isEqualTo("data");
      overlay.paths().chmod("moved", 0600);
      overlay.paths().rename("moved", "d/again");
    }
    assertThat(Marked.redirect(upper.resolve("d/again"))).isEqualTo("/moved");
    try (Overlay again = stack.open()) {
      assertThat(text(again, "d/again")).isEqualTo("data");
      again.paths().write("d/again", "new!".getBytes(UTF_8));
      assertThat(text(again, "top")).isEqualTo("data");
    }
  }

  @Test
  void metacopyWithoutData_givesEioAndIsListed() throws Exception {
    Marked.make(lower.resolve("lone"), 4, null);
    Files.writeString(lower.resolve("odd"), "odd");
    Marked.mark(lower.resolve("odd"), new byte[] {1});
    write("f");
    try (Overlay overlay = stack.open()) {
      assertErrno(Errno.EIO, () -> overlay.paths().stat("lone"));
      assertErrno(Errno.EIO, () -> overlay.paths().stat("odd"));
      assertThat(overlay.paths().list("/")).containsExactlyInAnyOrder("lone", "odd", "f");
    }
  }

  @Test
  void metacopyOff_refusesThoseThatExistAndMakesNone() throws Exception {
    write("f");
    write("g");
    try (Overlay overlay = stack.open()) {
      overlay.paths().chmod("f", 0600);
    }
    for (RedirectDir redirects : new RedirectDir[] {RedirectDir.ON, RedirectDir.FOLLOW}) {
      OverlayOptions.Builder options = stack.options().redirectDir(redirects);
      if (redirects == RedirectDir.ON) {
        options.metacopies(Metacopies.OFF);
      }
      try (Overlay overlay = Overlay.open(options.build())) {
        assertErrno(Errno.EPERM, () -> overlay.paths().stat("f"));
        overlay.paths().chmod("g", 0600);
      }
      assertThat(upper.resolve("g")).hasContent("g");
    }
  }

  @Test
  void metacopyOnWithoutRedirects_isRefused() {
    OverlayOptions options =
        stack.options().metacopies(Metacopies.ON).redirectDir(RedirectDir.FOLLOW).build();
    assertErrno(Errno.EINVAL, () -> Overlay.open(options));
  }

  @Test
  void userXattrs_makeAndFollowNone() throws Exception {
    write("f");
    OverlayOptions options =
        stack
            .options()
            .privateXattrs(OverlayOptions.PrivateXattrs.USER)
            .metacopies(Metacopies.ON)
            .build();
    try (Overlay overlay = Overlay.open(options)) {
      overlay.paths().chmod("f", 0600);
    }
    assertThat(upper.resolve("f")).hasContent("f");
  }

  /** Bringing data up puts the times back, and must not put back what a user sets meanwhile. */
  @Test
  void timesSetWhileTheDataComesUp_areKept() throws Exception {
    int rounds = 40;
    for (int i = 0; i < rounds; i++) {
      data(lower.resolve("f" + i));
    }
    try (Overlay overlay = stack.open()) {
      InodeFileSystem inodes = overlay.inodes();
      for (int i = 0; i < rounds; i++) {
        overlay.paths().chmod("f" + i, 0600);
        long node = lookup(inodes, InodeFileSystem.ROOT, "f" + i).node;
        Thread opener = new Thread(() -> openAndRelease(inodes, node));
        opener.start();
        AttributeChange change = new AttributeChange();
        change.set = AttributeChange.MTIME;
        change.mtime = 5;
        Stat stat = new Stat();
        inodes.setattr(CALLER, node, 0, change, stat);
        opener.join();
        inodes.getattr(node, stat);
        assertThat(stat.mtime).as("round %s", i).isEqualTo(5);
      }
    }
  }

  private static void openAndRelease(InodeFileSystem inodes, long node) {
    try {
      inodes.release(open(inodes, node, OpenFlags.O_RDWR));
    } catch (ErrnoException e) {
      throw new AssertionError(e);
    }
  }

  private static long open(InodeFileSystem inodes, long node, int flags) throws ErrnoException {
    Opened opened = new Opened();
    inodes.open(CALLER, node, flags, opened);
    return opened.handle;
  }

  private static String read(InodeFileSystem inodes, long handle) throws Exception {
    NativeMemory memory = NativeMemory.allocate(100);
    return new String(memory.copy(0, inodes.read(handle, memory, 0, 100, 0)), UTF_8);
  }

  private static void truncate(InodeFileSystem inodes, String name, long size) throws Exception {
    AttributeChange change = new AttributeChange();
    change.set = AttributeChange.SIZE;
    change.size = size;
    Stat stat = new Stat();
    inodes.setattr(CALLER, lookup(inodes, InodeFileSystem.ROOT, name).node, 0, change, stat);
    assertThat(stat.size).isEqualTo(size);
  }

  private static void link(InodeFileSystem inodes, String from, String to) throws Exception {
    long node = lookup(inodes, InodeFileSystem.ROOT, from).node;
    inodes.link(CALLER, node, InodeFileSystem.ROOT, Name.of(to), new Entry());
  }

  /** Both in the directory {@code d}. */
  private static void exchange(InodeFileSystem inodes, String a, String b) throws Exception {
    long d = lookup(inodes, InodeFileSystem.ROOT, "d").node;
    Name first = Name.of(a.substring(2));
    Name second = Name.of(b.substring(2));
    inodes.rename(CALLER, d, first, d, second, InodeFileSystem.RENAME_EXCHANGE);
  }

  /** A file of the lower whose content is its own path. */
  private Path write(String path) throws Exception {
    Files.createDirectories(lower.resolve(path).getParent());
    return Files.writeString(lower.resolve(path), path);
  }

  private static byte[] data(Path file) throws Exception {
    byte[] content = new byte[SIZE];
    for (int i = 0; i < SIZE; i++) {
      content[i] = (byte) ((i * 31) >> 3);
    }
    Files.write(file, content);
    return content;
  }

  private static String text(Overlay overlay, String path) throws Exception {
    return new String(overlay.paths().read(path), UTF_8);
  }

  private static void assertErrno(int errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }
}
