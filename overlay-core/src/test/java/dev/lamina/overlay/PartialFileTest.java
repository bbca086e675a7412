package dev.lamina.overlay;

import static dev.lamina.overlay.PromotionTest.lookup;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Identity;
import dev.lamina.linux.InodeIoctl;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.data.PartialFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a file that is promoted in part costs, and what becomes of it. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class PartialFileTest {
  private static final Caller CALLER = Caller.self();
  private static final int SIZE = 16 << 20;
  private static final int SECTOR = 512;
  private static final Duration SOON = Duration.ofMillis(20);

  /** It is looked for abandoned files four times as often as this, and nothing is copied before. */
  private static final Duration LATER = Duration.ofSeconds(8);

  @TempDir Path directory;
  private Stack stack;
  private Path lower;
  private byte[] content;

  /** Where the copier waits for longer than any test lasts. */
  private OverlayOptions.Builder options() {
    return stack.options().partialFrom(4 << 20).partialQuiet(Duration.ofDays(1));
  }

  private Overlay open() throws IOException {
    return Overlay.open(options().build());
  }

  private static void awaitFinished(Overlay overlay) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (partials(overlay).finishedCount() == 0 && System.nanoTime() < deadline) {
      Thread.sleep(20);
    }
  }

  @BeforeEach
  void makeLower() throws Exception {
    Assumptions.assumeTrue(Identity.processUid() == 0, "trusted xattrs need CAP_SYS_ADMIN");
    stack = new Stack(directory);
    content = new byte[SIZE];
    new Random(1).nextBytes(content);
    lower = stack.lower();
    Files.write(lower.resolve("f"), content);
  }

  private static PartialFiles partials(Overlay overlay) {
    return ((UnionFileSystem) overlay.inodes()).partials();
  }

  private static long open(Overlay overlay, long node, int flags) throws ErrnoException {
    Opened opened = new Opened();
    overlay.inodes().open(CALLER, node, flags, opened);
    return opened.handle;
  }

  private static long node(Overlay overlay) throws Exception {
    return lookup(overlay.inodes(), InodeFileSystem.ROOT, "f").node;
  }

  private void write(Overlay overlay, long handle, int at, int length) throws ErrnoException {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) (at >>> 4));
    NativeMemory memory = NativeMemory.allocate(length);
    memory.put(0, bytes, 0, length);
    assertThat(overlay.inodes().write(handle, memory, 0, length, at)).isEqualTo(length);
    System.arraycopy(bytes, 0, content, at, length);
  }

  private byte[] read(Overlay overlay, long handle) throws ErrnoException {
    NativeMemory memory = NativeMemory.allocate(SIZE + 1);
    return memory.copy(0, overlay.inodes().read(handle, memory, 0, SIZE + 1, 0));
  }

  private long allocated() throws Exception {
    return Marked.allocated(stack.upper().resolve("f"));
  }

  private List<Path> maps() throws IOException {
    Path maps = stack.work().resolve("lamina-partial");
    if (!Files.exists(maps)) {
      return List.of();
    }
    try (var list = Files.list(maps)) {
      return list.toList();
    }
  }

  @Test
  void openForWriting_withoutAWrite_copiesNothing() throws Exception {
    try (Overlay overlay = open()) {
      long handle = open(overlay, node(overlay), OpenFlags.O_RDWR);
      assertThat(read(overlay, handle)).isEqualTo(content);
      overlay.inodes().release(handle);
      assertThat(partials(overlay).startedCount()).isZero();
    }
    assertThat(Marked.is(stack.upper().resolve("f"))).isTrue();
    assertThat(maps()).isEmpty();
  }

  @Test
  void writes_bringUpTheBlocksTheyTouch() throws Exception {
    try (Overlay overlay = open()) {
      long handle = open(overlay, node(overlay), OpenFlags.O_RDWR);
      write(overlay, handle, 5_000_000, 10);
      write(overlay, handle, 8_192, 8_192);
      write(overlay, handle, 10_000_000 - 1, 2);
      overlay.inodes().fsync(handle, true);
      assertThat(allocated()).as("and a block for xattrs").isLessThanOrEqualTo(6 * 4096);
      assertThat(read(overlay, handle)).isEqualTo(content);
      Stat stat = new Stat();
      overlay.inodes().getattr(node(overlay), stat);
      assertThat(stat.blocks * SECTOR).isGreaterThanOrEqualTo(SIZE);
      assertThat(maps()).hasSize(1);
      assertThat(partials(overlay).copiedBytes()).isZero();
    }
    assertThat(stack.upper().resolve("f")).hasBinaryContent(content);
    assertThat(Marked.is(stack.upper().resolve("f"))).isFalse();
  }

  @Test
  void mapAndMark_belongToTheServerWhoeverMadeAFileBefore() throws Exception {
    try (Overlay overlay = open()) {
      FutureTask<Void> server =
          new FutureTask<>(
              () -> {
                Identity.adoptThread();
                Identity.assume(1000, 1000, 0);
                write(overlay, open(overlay, node(overlay), OpenFlags.O_RDWR), 0, 1);
                return null;
              });
      new Thread(server, "server").start();
      server.get();
      Path mark = stack.work().resolve("work/incompat/lamina-partial");
      for (Path path : List.of(maps().get(0), maps().get(0).getParent(), mark, mark.getParent())) {
        assertThat(Files.getAttribute(path, "unix:uid")).as("owner of %s", path).isEqualTo(0);
      }
    }
  }

  @Test
  void fileThatIsTooLargeForAMap_isCopiedAtOnce() throws Exception {
    try (RandomAccessFile sparse = new RandomAccessFile(lower.resolve("f").toFile(), "rw")) {
      sparse.setLength(1L << 40);
    }
    try (Overlay overlay = open()) {
      long handle = open(overlay, node(overlay), OpenFlags.O_RDWR);
      write(overlay, handle, 5_000_000, 10);
      assertThat(partials(overlay).startedCount()).isZero();
      overlay.inodes().release(handle);
    }
    assertThat(Marked.is(stack.upper().resolve("f"))).isFalse();
    assertThat(stack.upper().resolve("f")).hasSize(1L << 40);
  }

  @Test
  void killedServer_leavesAMarkAndTheNextMountGoesOn() throws Exception {
    Files.createDirectory(lower.resolve("d"));
    Overlay killed = open();
    long handle = open(killed, node(killed), OpenFlags.O_RDWR);
    write(killed, handle, 1_000_000, 100_000);
    killed.paths().rename("f", "d/moved");
    killed.abandon();
    assertThat(stack.work().resolve("work/incompat/lamina-partial")).isDirectory();
    try (Overlay again = Overlay.open(options().partialQuiet(SOON).build())) {
      awaitFinished(again);
      assertThat(partials(again).finishedCount()).as("nobody asked for it").isEqualTo(1);
      assertThat(again.paths().read("d/moved")).isEqualTo(content);
    }
    assertThat(stack.upper().resolve("d/moved")).hasBinaryContent(content);
    assertThat(stack.work().resolve("work/incompat")).doesNotExist();
  }

  @Test
  void defectInTheBackground_endsNoOtherPromotion() throws Exception {
    try (Overlay overlay = Overlay.open(options().partialQuiet(SOON).build())) {
      partials(overlay)
          .begin(
              () -> {
                throw new IllegalStateException("a defect");
              });
      write(overlay, open(overlay, node(overlay), OpenFlags.O_RDWR), 0, 1);
      awaitFinished(overlay);
      assertThat(partials(overlay).finishedCount()).isEqualTo(1);
    }
  }

  @Test
  void mountThatIsWaitedFor_leavesTheRestToTheNext() throws Exception {
    Overlay first = open();
    write(first, open(first, node(first), OpenFlags.O_RDWR), 1_000_000, 100_000);
    partials(first).close(() -> true);
    first.close();
    assertThat(Marked.is(stack.upper().resolve("f"))).isTrue();
    assertThat(maps()).hasSize(1);
    try (Overlay next = open()) {
      assertThat(next.paths().read("f")).isEqualTo(content);
    }
    assertThat(stack.upper().resolve("f")).hasBinaryContent(content);
    assertThat(Marked.is(stack.upper().resolve("f"))).isFalse();
    assertThat(maps()).isEmpty();
  }

  @Test
  void mountWithoutMetacopies_isRefusedWhileAFileIsPartial() throws Exception {
    Overlay killed = open();
    write(killed, open(killed, node(killed), OpenFlags.O_RDWR), 0, 1);
    killed.abandon();
    OverlayOptions off = stack.options().metacopies(Metacopies.OFF).build();
    assertThatThrownBy(() -> Overlay.open(off))
        .isInstanceOf(ErrnoException.class)
        .hasMessageContaining("promoted in part");
    try (Overlay never = Overlay.open(stack.options().partialFrom(Long.MAX_VALUE).build())) {
      assertThat(never.paths().read("f")).isEqualTo(content);
    }
  }

  @Test
  void damagedMap_isRefusedByName() throws Exception {
    Overlay killed = open();
    write(killed, open(killed, node(killed), OpenFlags.O_RDWR), 0, 1);
    killed.abandon();
    Path map = maps().get(0);
    byte[] bytes = Files.readAllBytes(map);
    bytes[8] = 77;
    Files.write(map, bytes);
    assertThatThrownBy(stack::open)
        .hasMessageContaining(map.getFileName().toString())
        .satisfies(e -> assertThat(((ErrnoException) e).errno()).isEqualTo(Errno.EINVAL));
    Files.write(map, new byte[0]);
    try (Overlay again = open()) {
      assertThat(again.paths().stat("f").size).as("as if never synced").isEqualTo(SIZE);
    }
    assertThat(maps()).isEmpty();
  }

  @Test
  void fileRemovedWhileItIsOpen_isDroppedWithItsLastHandle() throws Exception {
    try (Overlay overlay = Overlay.open(options().partialQuiet(LATER).build())) {
      long id = node(overlay);
      long handle = open(overlay, id, OpenFlags.O_RDWR);
      write(overlay, handle, 70_000, 10);
      overlay.paths().remove("f");
      write(overlay, handle, 90_000, 10);
      assertThat(read(overlay, handle)).isEqualTo(content);
      overlay.inodes().release(handle);
      overlay.inodes().forget(id, 1);
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (Stack.nodes(overlay) > 1 && System.nanoTime() < deadline) {
        Thread.sleep(20);
      }
      assertThat(maps()).isEmpty();
      assertThat(partials(overlay).copiedBytes()).isZero();
      assertThat(Stack.nodes(overlay)).isEqualTo(1);
    }
  }

  @Test
  void truncationToNothing_endsIt() throws Exception {
    try (Overlay overlay = open()) {
      long handle = open(overlay, node(overlay), OpenFlags.O_RDWR);
      write(overlay, handle, 70_000, 10);
      long other = open(overlay, node(overlay), OpenFlags.O_WRONLY | OpenFlags.O_TRUNC);
      content = new byte[0];
      assertThat(read(overlay, handle)).isEmpty();
      assertThat(maps()).isEmpty();
      overlay.inodes().release(other);
      overlay.inodes().release(handle);
    }
    assertThat(stack.upper().resolve("f")).isEmptyFile();
  }

  @Test
  void severalThreads_andCompletions_seeWhatTheyWrote() throws Exception {
    int threads = 4;
    try (Overlay overlay = open()) {
      long id = node(overlay);
      long handle = open(overlay, id, OpenFlags.O_RDWR);
      write(overlay, handle, 0, 1);
      var pool = Executors.newFixedThreadPool(threads + 1);
      try {
        List<Future<Void>> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          int stripe = i;
          all.add(pool.submit(() -> useStripe(overlay, handle, stripe, threads)));
        }
        Callable<Void> completion =
            () -> {
              // Flags of inodes concern data: all of it comes up.
              NativeMemory flags = NativeMemory.allocate(8);
              overlay.inodes().ioctl(id, InodeIoctl.FS_IOC_GETFLAGS, flags, 0, 4);
              overlay.inodes().ioctl(id, InodeIoctl.FS_IOC_SETFLAGS, flags, 0, 4);
              return null;
            };
        all.add(pool.submit(completion));
        for (Future<Void> one : all) {
          one.get();
        }
      } finally {
        pool.shutdownNow();
      }
      assertThat(partials(overlay).finishedCount()).isEqualTo(1);
      assertThat(read(overlay, handle)).isEqualTo(content);
    }
    assertThat(stack.upper().resolve("f")).hasBinaryContent(content);
  }

  /** Writes and reads pieces that no other thread writes, though blocks are shared. */
  private Void useStripe(Overlay overlay, long handle, int stripe, int stripes)
      throws ErrnoException {
    Random random = new Random(stripe);
    NativeMemory memory = NativeMemory.allocate(1000);
    for (int i = 0; i < 3000; i++) {
      int at = (random.nextInt(SIZE / 1000 / stripes) * stripes + stripe) * 1000;
      assertThat(overlay.inodes().read(handle, memory, 0, 1000, at)).isEqualTo(1000);
      assertThat(memory.copy(0, 1000)).isEqualTo(Arrays.copyOfRange(content, at, at + 1000));
      write(overlay, handle, at, 1000);
    }
    return null;
  }

  @Test
  void descriptorsAndThreads_areGivenBack() throws Exception {
    try (Overlay warmUp = open()) {
      write(warmUp, open(warmUp, node(warmUp), OpenFlags.O_RDWR), 0, 1);
    }
    int before = Stack.descriptors();
    Files.write(lower.resolve("g"), content);
    try (Overlay overlay = open()) {
      long g = lookup(overlay.inodes(), InodeFileSystem.ROOT, "g").node;
      write(overlay, open(overlay, g, OpenFlags.O_RDWR), 0, 1);
      assertThat(partials(overlay).startedCount()).isEqualTo(1);
    }
    assertThat(Stack.descriptors()).isEqualTo(before);
  }
}
