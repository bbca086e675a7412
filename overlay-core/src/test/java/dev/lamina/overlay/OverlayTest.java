package dev.lamina.overlay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OverlayTest {
  @TempDir Path directory;

  @Test
  void fiveHundredLowers_mergeIntoOne() throws Exception {
    Stack stack = new Stack(directory);
    for (int i = 0; i < 500; i++) {
      Path lower = stack.lower();
      Files.createDirectory(lower.resolve("d"));
      Files.writeString(lower.resolve("d/only-" + i), "");
      Files.writeString(lower.resolve("d/all"), "layer " + i);
    }
    try (Overlay overlay = stack.open()) {
      assertThat(overlay.paths().list("d")).hasSize(501);
      assertThat(overlay.paths().read("d/all")).asString(UTF_8).isEqualTo("layer 0");
      assertThat(overlay.paths().exists("d/only-499")).isTrue();
    }
  }

  @Test
  void largeDirectoryOverManyLayers_listsEachNameOnce() throws Exception {
    Stack stack = new Stack(directory);
    TreeSet<String> expected = new TreeSet<>();
    for (int i = 0; i < 5; i++) {
      Path lower = stack.lower();
      for (int k = 0; k < 2000; k++) {
        String name = "name-" + (i * 1000 + k);
        Files.createFile(lower.resolve(name));
        expected.add(name);
      }
    }
    try (Overlay overlay = stack.open()) {
      List<String> names = overlay.paths().list("/");
      assertThat(names).hasSize(expected.size());
      assertThat(new TreeSet<>(names)).isEqualTo(expected);
    }
  }

  @Test
  void listingReadInPieces_hasEachEntryOnceWhateverComesAndGoes() throws Exception {
    Stack stack = new Stack(directory);
    for (int i = 0; i < 2; i++) {
      Path lower = stack.lower();
      for (int k = 0; k < 50; k++) {
        Files.createFile(lower.resolve("name-" + i + "-" + k));
      }
    }
    try (Overlay overlay = stack.open()) {
      InodeFileSystem inodes = overlay.inodes();
      List<String> all = new ArrayList<>();
      inodes.readdir(InodeFileSystem.ROOT, 0, false, new Names(all, Integer.MAX_VALUE));
      List<String> pieces = new ArrayList<>();
      Names piece = new Names(pieces, 7);
      for (int i = 0; i < 20; i++) {
        inodes.readdir(InodeFileSystem.ROOT, piece.reset(), false, piece);
        // Somebody else starts over, which takes a new listing, and changes the directory.
        inodes.readdir(InodeFileSystem.ROOT, 0, false, new Names(new ArrayList<>(), 1));
        overlay.paths().create("new-" + i, 0644);
        if (i == 3) {
          overlay.paths().remove(all.get(2));
        }
      }
      assertThat(pieces).doesNotHaveDuplicates().containsAll(all);
    }
  }

  /** Collects the names of a listing, dot names included, so many at a time. */
  private static final class Names implements DirectorySink {
    private final List<String> into;
    private final int atOnce;
    private int room;
    private long next;

    Names(List<String> into, int atOnce) {
      this.into = into;
      this.atOnce = atOnce;
      this.room = atOnce;
    }

    /** Makes room; the offset to go on at. */
    long reset() {
      room = atOnce;
      return next;
    }

    @Override
    public boolean fits(int nameLength) {
      return room > 0;
    }

    @Override
    public void accept(
        byte[] names, int from, int length, long ino, int type, long nextOffset, Entry entry) {
      into.add(new String(names, from, length, UTF_8));
      next = nextOffset;
      room--;
    }
  }

  @Test
  void descriptorsStayBounded_whateverTheSizeOfTheTree() throws Exception {
    Stack stack = new Stack(directory);
    Path lower = stack.lower();
    for (int i = 0; i < 300; i++) {
      Files.createDirectories(lower.resolve("d" + i + "/sub"));
      Files.writeString(lower.resolve("d" + i + "/sub/f"), "below");
    }
    int before = Stack.descriptors();
    try (Overlay overlay = Overlay.open(stack.options().maxIdleDirectories(16).build())) {
      for (int i = 0; i < 300; i++) {
        overlay.paths().chmod("d" + i + "/sub/f", 0600);
        assertThat(Stack.descriptors()).isLessThan(before + 16 + 10);
      }
    }
    assertThat(Stack.descriptors()).isEqualTo(before);
  }

  @Test
  void nodesAreGivenBack_whenForgotten() throws Exception {
    Stack stack = new Stack(directory);
    Path lower = stack.lower();
    for (int i = 0; i < 200; i++) {
      Files.createDirectories(lower.resolve("d" + i));
      Files.writeString(lower.resolve("d" + i + "/f"), "below");
    }
    try (Overlay overlay = stack.open()) {
      for (int i = 0; i < 200; i++) {
        overlay.paths().write("d" + i + "/f", new byte[1]);
        overlay.paths().rename("d" + i + "/f", "d" + i + "/g");
      }
      assertThat(Stack.nodes(overlay)).isEqualTo(1);
    }
  }

  @Test
  void sameNode_byEveryHardLinkOfTheUpper() throws Exception {
    Stack stack = new Stack(directory);
    Files.writeString(stack.upper().resolve("a"), "content");
    Files.createLink(stack.upper().resolve("b"), stack.upper().resolve("a"));
    stack.lower();
    try (Overlay overlay = stack.open()) {
      Entry a = PromotionTest.lookup(overlay.inodes(), InodeFileSystem.ROOT, "a");
      Entry b = PromotionTest.lookup(overlay.inodes(), InodeFileSystem.ROOT, "b");
      assertThat(b.node).isEqualTo(a.node);
      assertThat(a.stat.nlink).isEqualTo(2);
      overlay.paths().remove("a");
      overlay.paths().write("b", "changed".getBytes(UTF_8));
      overlay.inodes().getattr(a.node, a.stat);
      assertThat(a.stat.nlink).isEqualTo(1);
      assertThat(a.stat.size).isEqualTo(7);
    }
  }

  @Test
  void lastNameOfAHardLink_leadsToTheNodeThatIsOpen() throws Exception {
    Stack stack = new Stack(directory);
    Files.writeString(stack.upper().resolve("x"), "hi");
    Files.createLink(stack.upper().resolve("y"), stack.upper().resolve("x"));
    stack.lower();
    try (Overlay overlay = stack.open()) {
      Entry x = PromotionTest.lookup(overlay.inodes(), InodeFileSystem.ROOT, "x");
      overlay.paths().remove("x");
      Entry y = PromotionTest.lookup(overlay.inodes(), InodeFileSystem.ROOT, "y");
      assertThat(y.node).isEqualTo(x.node);
      assertThat(y.stat.nlink).isEqualTo(1);
    }
  }

  @Test
  void namesOfOneFile_lookedUpAndForgottenByTwoThreads_stayUsable() throws Exception {
    Stack stack = new Stack(directory);
    Files.writeString(stack.upper().resolve("x"), "hi");
    Files.createDirectory(stack.upper().resolve("d"));
    Files.createLink(stack.upper().resolve("d/y"), stack.upper().resolve("x"));
    stack.lower();
    try (Overlay overlay = stack.open()) {
      InodeFileSystem inodes = overlay.inodes();
      long d = PromotionTest.lookup(inodes, InodeFileSystem.ROOT, "d").node;
      var failures = new java.util.concurrent.ConcurrentLinkedQueue<Throwable>();
      Thread[] threads = {
        lookups(inodes, InodeFileSystem.ROOT, "x", failures), lookups(inodes, d, "y", failures)
      };
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(failures).isEmpty();
      Entry x = PromotionTest.lookup(inodes, InodeFileSystem.ROOT, "x");
      Entry y = PromotionTest.lookup(inodes, d, "y");
      assertThat(y.node).isEqualTo(x.node);
    }
  }

  private static Thread lookups(
      InodeFileSystem inodes, long parent, String name, java.util.Collection<Throwable> failures) {
    Thread thread =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < 20_000; i++) {
                  Entry entry = PromotionTest.lookup(inodes, parent, name);
                  inodes.getattr(entry.node, entry.stat);
                  inodes.forget(entry.node, 1);
                }
              } catch (Exception | AssertionError e) {
                failures.add(e);
              }
            });
    thread.start();
    return thread;
  }

  @Test
  void missingLayer_isNamed() throws Exception {
    Stack stack = new Stack(directory);
    OverlayOptions options = stack.options().addLower(directory.resolve("absent")).build();
    int before = Stack.descriptors();
    assertThatThrownBy(() -> Overlay.open(options))
        .isInstanceOf(ErrnoException.class)
        .hasMessageContaining("lowerdir " + directory.resolve("absent"))
        .hasMessageContaining("ENOENT");
    assertThat(Stack.descriptors()).isEqualTo(before);
  }

  @Test
  void workDirectoryInUse_isRefused() throws Exception {
    Stack stack = new Stack(directory);
    stack.lower();
    try (Overlay first = stack.open()) {
      assertThat(first.paths().list("/")).isEmpty();
      assertThatThrownBy(stack::open)
          .isInstanceOf(ErrnoException.class)
          .hasMessageContaining(stack.work() + " is in use")
          .hasMessageContaining("EBUSY");
    }
    stack.open().close();
  }

  @Test
  void workOnAnotherFilesystem_isRefused() throws Exception {
    Path elsewhere = Files.createTempDirectory(Path.of("/dev/shm"), "lamina");
    try {
      Stack stack = new Stack(directory);
      OverlayOptions options = stack.options().writable(stack.upper(), elsewhere).build();
      assertThatThrownBy(() -> Overlay.open(options)).hasMessageContaining("EXDEV");
    } finally {
      Files.deleteIfExists(elsewhere.resolve("work"));
      Files.delete(elsewhere);
    }
  }

  @Test
  void unionWithoutUpper_takesNoChange() throws Exception {
    Stack stack = new Stack(directory);
    Path lower = stack.lower();
    Files.writeString(lower.resolve("f"), "below");
    OverlayOptions options = OverlayOptions.builder().addLower(lower).build();
    try (Overlay overlay = Overlay.open(options)) {
      assertThat(overlay.paths().read("f")).asString(UTF_8).isEqualTo("below");
      assertThatThrownBy(() -> overlay.paths().write("g", new byte[0]))
          .hasMessageContaining("EROFS");
      assertThatThrownBy(() -> overlay.paths().chmod("f", 0)).hasMessageContaining("EROFS");
    }
  }

  @Test
  void namesTooLongOrOddOrNotComponents_areAnswered() throws Exception {
    Stack stack = new Stack(directory);
    stack.lower();
    try (Overlay overlay = stack.open()) {
      InodeFileSystem inodes = overlay.inodes();
      Entry entry = new Entry();
      byte[] odd = {(byte) 0xff, '\n', (byte) 0x80, ' '};
      inodes.mkdir(Caller.self(), InodeFileSystem.ROOT, Name.of(odd), 0755, entry);
      assertThat(inodes.lookup(InodeFileSystem.ROOT, Name.of(odd), entry)).isTrue();
      String longest = "x".repeat(255);
      inodes.mkdir(Caller.self(), InodeFileSystem.ROOT, Name.of(longest), 0755, entry);
      assertThatThrownBy(() -> inodes.lookup(InodeFileSystem.ROOT, Name.of(longest + "x"), entry))
          .hasMessageContaining("ENAMETOOLONG");
      for (String bad : new String[] {"", ".", "..", "a/b"}) {
        assertThatThrownBy(() -> inodes.lookup(InodeFileSystem.ROOT, Name.of(bad), entry))
            .hasMessageContaining("EINVAL");
      }
    }
  }

  @Test
  void changes_areAddedChangedAndDeleted() throws Exception {
    Stack stack = new Stack(directory);
    Path lower = stack.lower();
    Files.createDirectories(lower.resolve("d/sub"));
    Files.writeString(lower.resolve("d/sub/f"), "below");
    Files.writeString(lower.resolve("d/gone"), "below");
    Files.createDirectories(lower.resolve("replaced"));
    Files.writeString(lower.resolve("replaced/old"), "below");
    Files.writeString(lower.resolve("untouched"), "below");
    try (Overlay overlay = stack.open()) {
      OverlayPaths paths = overlay.paths();
      paths.write("d/sub/f", new byte[1]);
      paths.remove("d/gone");
      paths.write("d/new", new byte[1]);
      paths.remove("replaced/old");
      paths.remove("replaced");
      paths.mkdir("replaced", 0755);
      paths.write("passing", new byte[1]);
      paths.remove("passing");
    }
    assertThat(Overlay.changes(stack.options().build()).stream().map(Change::toString))
        .containsExactly(
            "C /d",
            "D /d/gone",
            "A /d/new",
            "C /d/sub",
            "C /d/sub/f",
            "C /replaced",
            "D /replaced/old");
  }
}
