package dev.lamina.fuse;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.fixtures.mount.KernelOverlay;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.LowersUnchanged;
import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Xattr;
import dev.lamina.overlay.Change;
import dev.lamina.overlay.Index;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several names of one lower file, with an index: one file, whatever becomes of the names. */
@RequiresFuse
@RequiresKernelOverlay
final class LowerHardLinksTest {
  private static final List<String> KERNEL = List.of("index=on", "redirect_dir=on", "metacopy=on");
  private static final int THREADS = 4;
  private static final Name NLINK = Name.of("trusted.overlay.nlink");
  private static final Name ORIGIN = Name.of("trusted.overlay.origin");
  private static final Name UPPER = Name.of("trusted.overlay.upper");

  /** A mount by either: the union or kernel overlayfs. */
  private interface Mounter {
    AutoCloseable on(Path target) throws Exception;
  }

  private MountScratch scratch;
  private Path lower;
  private Path upper;
  private Path work;
  private Path target;

  @BeforeEach
  void makeLower(MountScratch place) throws IOException {
    scratch = place;
    lower = scratch.directory("lower");
    upper = scratch.directory("upper");
    work = scratch.directory("work");
    target = scratch.directory("target");
    Files.writeString(lower.resolve("a"), "lower\n");
    Files.createDirectory(lower.resolve("d"));
    Files.createLink(lower.resolve("b"), lower.resolve("a"));
    Files.createLink(lower.resolve("d/c"), lower.resolve("a"));
    Files.writeString(lower.resolve("single"), "single\n");
  }

  private OverlayOptions.Builder options() {
    return OverlayOptions.builder().addLower(lower).writable(upper, work);
  }

  private AutoCloseable union(Path at) throws IOException {
    return UnionMount.of(options().index(Index.ON).build(), at);
  }

  private AutoCloseable kernel(Path at) throws IOException {
    return KernelOverlay.mount(List.of(lower), upper, work, at, KERNEL);
  }

  @SuppressWarnings("try") // mounts are used by being there
  private String run(Mounter mounter, String script) throws Exception {
    try (AutoCloseable mount = mounter.on(target)) {
      return Programs.sh("cd \"$1\"; set -e; " + script, target);
    }
  }

  /** Which of the names exist, their links, and whether they are one inode. */
  private static final String LINKS = "stat -c '%n %h' a b d/c e 2>/dev/null | tr '\\n' ' '; ";

  @Test
  void complaint435_linkCountOfLowerHardLinks_isRightWhateverWasLookedUpOrPromoted()
      throws Exception {
    LowersUnchanged lowers = new LowersUnchanged().watchAll(List.of(lower));
    assertThat(run(this::union, "stat -c %h d/c")).isEqualTo("3");
    assertThat(run(this::union, LINKS)).isEqualTo("a 3 b 3 d/c 3");
    assertThat(run(this::union, "stat -c %h b; echo upper >> b; " + LINKS + "cat a d/c"))
        .isEqualTo("3\na 3 b 3 d/c 3 lower\nupper\nlower\nupper");
    assertThat(run(this::union, LINKS)).isEqualTo("a 3 b 3 d/c 3");
    assertThat(run(this::union, "stat -c %i a b d/c | sort -u | wc -l")).isEqualTo("1");
    assertThat(run(this::union, "rm a; stat -c %h d/c; ln d/c e; " + LINKS))
        .isEqualTo("2\nb 3 d/c 3 e 3");
    assertThat(run(this::kernel, LINKS + "stat -c %i b d/c e | sort -u | wc -l"))
        .isEqualTo("b 3 d/c 3 e 3 1");
    assertThat(run(this::union, "rm b d/c; " + LINKS)).isEqualTo("e 1");
    assertThat(run(this::kernel, LINKS + "cat e")).isEqualTo("e 1 lower\nupper");
    assertThat(run(this::union, "rm e; ls . d")).isEqualTo(".:\nd\nsingle\n\nd:");
    assertThat(entries()).isEmpty();
    lowers.verify();
  }

  @Test
  void inodeNumber_staysOverPromotionRemovalAndRemount() throws Exception {
    String before = run(this::union, "stat -c %i a");
    assertThat(run(this::union, "chmod 600 d/c; stat -c %i d/c")).isEqualTo(before);
    assertThat(run(this::union, "mv d/c moved; rm b; stat -c %i a; stat -c %i moved"))
        .isEqualTo(before + "\n" + before);
    assertThat(run(this::kernel, "stat -c %i moved")).isEqualTo(before);
  }

  @Test
  void whatIsOnDisk_isWhatTheKernelWrites() throws Exception {
    String script =
        "echo upper >> b; rm a; mv d/c d/moved; ln b e; chmod 600 single; touch -h b; rm b";
    run(this::union, script);
    Map<String, String> ours = entries();
    String ourRoot = hex(upper, ORIGIN);
    Programs.sh("rm -r \"$1\"/* \"$2\"/*; setfattr -x trusted.overlay.origin \"$1\"", upper, work);
    run(this::kernel, script);
    assertThat(ours).hasSize(1).isEqualTo(entries());
    assertThat(ourRoot).isEqualTo(hex(upper, ORIGIN));
    // The kernel has just verified ours, or made its own: they are the same for one upper.
    String indexed = hex(work.resolve("index"), UPPER);
    Programs.sh("rm -r \"$1\"/*", work);
    run(this::union, "true");
    assertThat(hex(work.resolve("index"), UPPER)).isEqualTo(indexed);
  }

  /** What the index has: links, count and origin by entry. */
  private Map<String, String> entries() throws IOException {
    Map<String, String> found = new TreeMap<>();
    try (var files = Files.list(work.resolve("index"))) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = file.getFileName().toString();
        // The kernel keeps a whiteout there for later use.
        if (!name.startsWith("#")) {
          String links = Files.getAttribute(file, "unix:nlink").toString();
          found.put(name, links + " " + text(file, NLINK) + " " + hex(file, ORIGIN));
        }
      }
    }
    return found;
  }

  private Path onlyEntry() throws IOException {
    return work.resolve("index").resolve(entries().keySet().iterator().next());
  }

  private static String text(Path file, Name xattr) throws ErrnoException {
    byte[] value = Xattr.get(At.FDCWD, Name.of(file.toString()), xattr);
    return value == null ? null : new String(value, US_ASCII);
  }

  private static String hex(Path file, Name xattr) throws ErrnoException {
    byte[] value = Xattr.get(At.FDCWD, Name.of(file.toString()), xattr);
    return value == null ? null : HexFormat.of().formatHex(value);
  }

  private static void setCount(Path file, String value) throws ErrnoException {
    Xattr.set(At.FDCWD, Name.of(file.toString()), NLINK, value.getBytes(US_ASCII), 0);
  }

  @Test
  void crashBetweenTheSteps_leavesAllNamesWithTheRightCount() throws Exception {
    run(this::union, "echo upper >> b");
    Path entry = onlyEntry();
    // The entry is there and the name in the upper is not.
    Files.delete(upper.resolve("b"));
    setCount(entry, "L+0");
    for (Mounter mounter : List.<Mounter>of(this::union, this::kernel)) {
      assertThat(run(mounter, LINKS + "cat b")).isEqualTo("a 3 b 3 d/c 3 lower\nupper");
    }
    // The link is there and the count is still relative to the lower.
    Files.createLink(upper.resolve("b"), entry);
    for (Mounter mounter : List.<Mounter>of(this::kernel, this::union)) {
      assertThat(run(mounter, LINKS)).isEqualTo("a 3 b 3 d/c 3");
    }
    assertThat(run(this::union, "rm b; " + LINKS)).isEqualTo("a 2 d/c 2");
    assertThat(run(this::kernel, LINKS)).isEqualTo("a 2 d/c 2");
    // The last name went, the entry did not.
    run(this::union, "rm a d/c");
    Files.writeString(entry, "orphan");
    Xattr.set(
        At.FDCWD,
        Name.of(entry.toString()),
        ORIGIN,
        HexFormat.of().parseHex(entry.getFileName().toString()),
        0);
    setCount(entry, "U-1");
    Files.createFile(work.resolve("index/#1"));
    run(this::union, "true");
    try (var left = Files.list(work.resolve("index"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void linkToNameThatIsNotInTheUpper_whoseFileIsAMetacopy_leadsToTheData() throws Exception {
    // Promoted by b, of which nothing is left when d/c, whose directory stayed below, gets another.
    String script = "chmod 600 b; stat d/c >/dev/null; rm b; ln d/c e; cat e d/c";
    assertThat(run(this::union, script)).isEqualTo("lower\nlower");
    for (Mounter mounter : List.<Mounter>of(this::kernel, this::union)) {
      assertThat(run(mounter, LINKS + "cat a e d/c"))
          .isEqualTo("a 3 d/c 3 e 3 lower\nlower\nlower");
    }
  }

  @Test
  void removedWhileOpen_isReachableUntilItIsClosed() throws Exception {
    assertThat(
            run(
                this::union,
                "exec 3<>b; rm a b; stat -c %h d/c; echo upper >&3; cat d/c; exec 4<d/c; rm d/c;"
                    + " stat -L -c %h /proc/self/fd/4; cat <&4; ls . d"))
        .isEqualTo("1\nupper\n0\nupper\n.:\nd\nsingle\n\nd:");
    assertThat(entries()).isEmpty();
  }

  @Test
  @SuppressWarnings("try") // mounts are used by being there
  void namesChangedByManyAtOnce_areCountedRight() throws Exception {
    try (AutoCloseable mount = union(target)) {
      ExecutorService threads = Executors.newFixedThreadPool(THREADS);
      try {
        List<Callable<Void>> work = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
          Random random = new Random(thread);
          work.add(
              () -> {
                for (int i = 0; i < 200; i++) {
                  changeSomeName(random);
                }
                return null;
              });
        }
        for (Future<Void> done : threads.invokeAll(work)) {
          done.get();
        }
      } finally {
        threads.shutdown();
      }
      expectRightCounts();
    }
    for (Mounter mounter : List.<Mounter>of(this::kernel, this::union)) {
      try (AutoCloseable mount = mounter.on(target)) {
        expectRightCounts();
      }
    }
  }

  /** One of the changes that names can see; that it fails since another was faster is no matter. */
  private void changeSomeName(Random random) throws IOException {
    Path name = randomName(random);
    Path other = randomName(random);
    try {
      switch (random.nextInt(6)) {
        case 0, 1 -> Files.createLink(other, name);
        case 2 -> Files.delete(name);
        case 3 -> Files.move(name, other, StandardCopyOption.ATOMIC_MOVE);
        case 4 -> Files.writeString(name, "changed", StandardOpenOption.WRITE);
        default -> Files.setLastModifiedTime(name, FileTime.fromMillis(0));
      }
    } catch (NoSuchFileException | FileAlreadyExistsException e) {
      // Another thread was faster.
    }
  }

  private Path randomName(Random random) {
    String name = List.of("a", "b", "x", "y", "c").get(random.nextInt(5));
    return (random.nextBoolean() ? target : target.resolve("d")).resolve(name);
  }

  /** Each file has as many names as it says. */
  private void expectRightCounts() throws IOException {
    Map<Object, List<Object>> links = new TreeMap<>();
    try (var files = Files.walk(target)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (!Files.isDirectory(file)) {
          links
              .computeIfAbsent(Files.getAttribute(file, "unix:ino"), ino -> new ArrayList<>())
              .add(Files.getAttribute(file, "unix:nlink"));
        }
      }
    }
    assertThat(links.values())
        .allSatisfy(of -> assertThat(of).allMatch(count -> count.equals(of.size())));
  }

  @Test
  void indexOfOtherLayers_isRefusedOrLeftAlone() throws Exception {
    run(this::union, "echo upper >> b");
    Path other = scratch.directory("other");
    Programs.sh("cp -a \"$1\"/. \"$2\"", lower, other);
    OverlayOptions.Builder foreign = OverlayOptions.builder().addLower(other).writable(upper, work);
    expectRefusal(Errno.ESTALE, foreign.index(Index.ON).build());
    try (Overlay overlay = Overlay.open(foreign.index(Index.AUTO).build())) {
      // As with index=off: the names have parted.
      assertThat(overlay.paths().read("a")).asString(US_ASCII).isEqualTo("lower\n");
      assertThat(overlay.paths().read("b")).asString(US_ASCII).isEqualTo("lower\nupper\n");
    }
    assertThat(run(this::kernel, LINKS)).isEqualTo("a 3 b 3 d/c 3");
    // Another upper with this index.
    Path copy = scratch.directory("copy");
    Programs.sh("cp -a \"$1\"/. \"$2\"", upper, copy);
    expectRefusal(
        Errno.ESTALE,
        OverlayOptions.builder().addLower(lower).writable(copy, work).index(Index.ON).build());
    // Something that is no entry.
    Files.createFile(work.resolve("index/garbage"));
    expectRefusal(Errno.EINVAL, options().index(Index.ON).build());
    Files.delete(work.resolve("index/garbage"));
    Xattr.remove(At.FDCWD, Name.of(onlyEntry().toString()), ORIGIN);
    expectRefusal(Errno.ENODATA, options().index(Index.ON).build());
  }

  private static void expectRefusal(int errno, OverlayOptions options) {
    assertThatThrownBy(() -> Overlay.open(options).close())
        .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  @Test
  void lowersWithoutHandles_partWithoutAnError() throws Exception {
    Path merged = scratch.directory("merged");
    Path below = scratch.directory("below");
    try (KernelOverlay nested =
            KernelOverlay.mountReadOnly(List.of(lower, below), merged, List.of("index=off"));
        Overlay overlay =
            Overlay.open(
                OverlayOptions.builder()
                    .addLower(nested.mountPoint())
                    .writable(upper, work)
                    .index(Index.ON)
                    .build())) {
      overlay.paths().write("b", "upper".getBytes(US_ASCII));
      assertThat(overlay.paths().read("a")).asString(US_ASCII).isEqualTo("lower\n");
      assertThat(overlay.paths().stat("b").nlink).isEqualTo(1);
    }
  }

  @Test
  void diff_listsNamesThatChangedByAnother() throws Exception {
    run(this::union, "rm a");
    assertThat(changes()).containsExactly("D /a");
    run(this::union, "echo upper >> b");
    assertThat(changes()).containsExactly("D /a", "C /b", "C /d", "C /d/c");
    run(this::union, "rm b");
    assertThat(changes()).containsExactly("D /a", "D /b", "C /d", "C /d/c");
  }

  private List<String> changes() throws IOException {
    return Overlay.changes(options().build()).stream().map(Change::toString).toList();
  }
}
