package dev.lamina.overlay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Identity;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.overlay.event.OverlayListener;
import dev.lamina.overlay.event.Promotion;
import dev.lamina.overlay.event.PromotionKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What listeners are told, and what metrics count, against what stands in the upper. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class OverlayListenerTest {
  private static final int LARGE = 8 << 20;
  private static final int BLOCK = 4096;

  @TempDir Path directory;
  private Stack stack;
  private Path lower;
  private final Recorder recorder = new Recorder();

  /** Writes down what it is told. */
  private static class Recorder implements OverlayListener {
    final List<String> events = new CopyOnWriteArrayList<>();
    final List<Promotion> promotions = new CopyOnWriteArrayList<>();

    @Override
    public void promotionStarted(Promotion promotion) {
      promotions.add(promotion);
      events.add("started " + promotion.path());
    }

    @Override
    public void promotionFinished(Promotion promotion, PromotionKind kind, long bytes, long nanos) {
      assertThat(nanos).isNotNegative();
      events.add("finished " + promotion.path() + " " + kind + " " + bytes);
    }

    @Override
    public void promotionFailed(Promotion promotion, int errno) {
      events.add("failed " + promotion.path() + " " + errno);
    }

    @Override
    public void whiteoutMade(String path) {
      events.add("whiteout " + path);
    }

    @Override
    public void requestFailed(String operation, long inode, int errno) {
      events.add(operation + " " + errno);
    }
  }

  @BeforeEach
  void makeLower() throws Exception {
    Assumptions.assumeTrue(Identity.processUid() == 0, "trusted xattrs need CAP_SYS_ADMIN");
    stack = new Stack(directory);
    lower = stack.lower();
    Files.createDirectories(lower.resolve("etc/deep"));
    Files.writeString(lower.resolve("etc/deep/motd"), "welcome");
    Files.writeString(lower.resolve("etc/hosts"), "127.0.0.1");
    Files.writeString(lower.resolve("etc/issue"), "");
    Files.createSymbolicLink(lower.resolve("etc/link"), Path.of("hosts"));
    byte[] large = new byte[LARGE];
    Arrays.fill(large, (byte) 'x');
    Files.write(lower.resolve("large"), large);
  }

  private Overlay open(OverlayListener... listeners) throws IOException {
    OverlayOptions.Builder options =
        stack.options().partialFrom(4 << 20).partialQuiet(Duration.ofDays(1));
    for (OverlayListener listener : listeners) {
      options.listener(listener);
    }
    return Overlay.open(options.build());
  }

  private static long count(Overlay overlay, PromotionKind kind) {
    return overlay.metrics().promotions().get(kind).count();
  }

  private static long bytes(Overlay overlay, PromotionKind kind) {
    return overlay.metrics().promotions().get(kind).bytes();
  }

  private static long open(Overlay overlay, String path, int flags) throws ErrnoException {
    Opened opened = new Opened();
    long node = overlay.paths().node(path.getBytes(UTF_8), true);
    overlay.inodes().open(Caller.self(), node, flags, opened);
    return opened.handle;
  }

  @Test
  void promotions_areToldParentsFirst_withHowAndHowMuch() throws Exception {
    try (Overlay overlay = open(recorder)) {
      overlay.paths().chmod("etc/deep/motd", 0600);
      overlay.inodes().release(open(overlay, "etc/hosts", OpenFlags.O_RDWR));
      overlay.inodes().release(open(overlay, "etc/hosts", OpenFlags.O_RDWR));
      overlay.paths().rename("etc/link", "etc/moved");
      assertThat(recorder.events)
          .containsExactly(
              "started /etc/deep/motd",
              "started /etc",
              "finished /etc METADATA 0",
              "started /etc/deep",
              "finished /etc/deep METADATA 0",
              "finished /etc/deep/motd METADATA 0",
              "started /etc/hosts",
              "finished /etc/hosts COPY 9",
              "started /etc/link",
              "finished /etc/link METADATA 0",
              "whiteout /etc/link");
      Promotion motd = recorder.promotions.get(0);
      assertThat(motd.inode()).isEqualTo(overlay.paths().stat("etc/deep/motd").ino);
      assertThat(motd.mode()).isEqualTo(FileMode.S_IFREG);
      assertThat(count(overlay, PromotionKind.METADATA)).isEqualTo(4);
      assertThat(count(overlay, PromotionKind.COPY)).isEqualTo(1);
      assertThat(bytes(overlay, PromotionKind.COPY)).isEqualTo(9);
      assertThat(overlay.metrics().whiteouts()).isEqualTo(1);
    }
  }

  @Test
  void aMetacopy_isToldAgainWhenItsDataComesUp() throws Exception {
    try (Overlay overlay = open(recorder)) {
      overlay.paths().chmod("etc/hosts", 0600);
      overlay.inodes().release(open(overlay, "etc/hosts", OpenFlags.O_RDWR));
      assertThat(recorder.events)
          .endsWith(
              "finished /etc/hosts METADATA 0", "started /etc/hosts", "finished /etc/hosts COPY 9");
    }
  }

  @Test
  void whiteouts_areAsManyAsThereAreInTheUpper() throws Exception {
    try (Overlay overlay = open(recorder)) {
      overlay.paths().remove("etc/hosts");
      overlay.paths().remove("etc/deep/motd");
      overlay.paths().remove("etc/deep");
      overlay.paths().chmod("etc/issue", 0600);
      overlay.paths().remove("etc/issue");
      overlay.paths().write("new", "new".getBytes(UTF_8));
      overlay.paths().remove("new");
      // The one in etc/deep went with its directory.
      assertThat(whiteouts()).isEqualTo(3);
      assertThat(recorder.events.stream().filter(event -> event.startsWith("whiteout")))
          .containsExactly(
              "whiteout /etc/hosts",
              "whiteout /etc/deep/motd",
              "whiteout /etc/deep",
              "whiteout /etc/issue");
      assertThat(overlay.metrics().whiteouts()).isEqualTo(4);
    }
  }

  private long whiteouts() throws IOException {
    try (var files = Files.walk(stack.upper())) {
      return files.filter(OverlayListenerTest::isWhiteout).count();
    }
  }

  private static boolean isWhiteout(Path file) {
    try {
      int mode = (int) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
      return (mode & FileMode.S_IFMT) == FileMode.S_IFCHR;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void largeFile_isStartedAtItsFirstWriteAndFinishedWithWhatNobodyWrote() throws Exception {
    Overlay overlay = open(recorder);
    try (overlay) {
      long handle = open(overlay, "large", OpenFlags.O_RDWR);
      assertThat(recorder.events).containsExactly("started /large", "finished /large METADATA 0");
      overlay.inodes().write(handle, NativeMemory.allocate(BLOCK), 0, BLOCK, BLOCK);
      assertThat(recorder.events).hasSize(3).endsWith("started /large");
      assertThat(overlay.metrics().partialFiles()).isEqualTo(1);
      overlay.inodes().release(handle);
    }
    assertThat(recorder.events).hasSize(4).endsWith("finished /large PARTIAL " + (LARGE - BLOCK));
    assertThat(bytes(overlay, PromotionKind.PARTIAL)).isEqualTo(LARGE - BLOCK);
    assertThat(overlay.metrics().partialFiles()).isZero();
  }

  @Test
  void failure_isToldWithItsErrno() throws Exception {
    try (Overlay overlay = open(recorder)) {
      long node = overlay.paths().node("etc/hosts".getBytes(UTF_8), true);
      Files.delete(lower.resolve("etc/hosts"));
      Opened opened = new Opened();
      assertThatThrownBy(() -> overlay.inodes().open(Caller.self(), node, OpenFlags.O_RDWR, opened))
          .isInstanceOf(ErrnoException.class);
      assertThat(recorder.events)
          .containsExactly("started /etc/hosts", "failed /etc/hosts " + Errno.EIO);
      assertThat(overlay.metrics().promotionFailures()).isEqualTo(1);
      assertThat(count(overlay, PromotionKind.COPY)).isZero();
    }
  }

  @Test
  void requestsThatFailed_areToldIfTheHostIsToBlame() throws Exception {
    try (Overlay overlay = open(recorder)) {
      overlay.inodes().requestFailed("WRITE", InodeFileSystem.ROOT, Errno.ENOSPC);
      overlay.inodes().requestFailed("LOOKUP", InodeFileSystem.ROOT, Errno.ENOENT);
      assertThat(recorder.events).containsExactly("WRITE " + Errno.ENOSPC);
    }
  }

  @Test
  void listenerThatThrows_harmsNothingNorTheNext() throws Exception {
    OverlayListener thrower =
        new OverlayListener() {
          @Override
          public void promotionStarted(Promotion promotion) {
            throw new IllegalStateException("from a listener");
          }

          @Override
          public void promotionFinished(
              Promotion promotion, PromotionKind kind, long bytes, long nanos) {
            throw new AssertionError("from a listener");
          }

          @Override
          public void whiteoutMade(String path) {
            throw new IllegalStateException("from a listener");
          }
        };
    try (Overlay overlay = open(thrower, recorder)) {
      overlay.paths().write("etc/hosts", "changed".getBytes(UTF_8));
      overlay.paths().remove("etc/issue");
      assertThat(overlay.paths().read("etc/hosts")).isEqualTo("changed".getBytes(UTF_8));
      assertThat(overlay.paths().exists("etc/issue")).isFalse();
      assertThat(recorder.events).contains("started /etc/hosts", "whiteout /etc/issue");
    }
  }

  @Test
  void endsAreTold_whenNobodyWaitsForTheThread() throws Exception {
    Overlay[] overlay = new Overlay[1];
    List<String> done = new CopyOnWriteArrayList<>();
    OverlayListener slow =
        new OverlayListener() {
          @Override
          public void promotionFinished(
              Promotion promotion, PromotionKind kind, long bytes, long nanos) {
            // Another thread changes the same object, and names beside it.
            done.add(
                elsewhere(
                    () -> {
                      overlay[0].paths().chmod(promotion.path(), 0700);
                      overlay[0].paths().mkdir("etc/beside" + done.size(), 0700);
                      return promotion.path();
                    }));
          }

          @Override
          public void whiteoutMade(String path) {
            done.add(
                elsewhere(
                    () -> {
                      overlay[0].paths().write(path, new byte[0]);
                      return path;
                    }));
          }
        };
    try (Overlay opened = open(slow)) {
      overlay[0] = opened;
      opened.paths().rename("etc/hosts", "etc/renamed");
      opened.paths().remove("etc/issue");
      assertThat(done).contains("/etc", "/etc/hosts", "/etc/issue");
    }
  }

  private static String elsewhere(Callable<String> work) {
    FutureTask<String> task = new FutureTask<>(work);
    new Thread(task).start();
    try {
      return task.get(50, TimeUnit.SECONDS);
    } catch (Exception e) {
      return "blocked: " + e;
    }
  }

  @Test
  void caches_countEachLookupOnce() throws Exception {
    try (Overlay overlay = open()) {
      InodeFileSystem inodes = overlay.inodes();
      OverlayMetrics before = overlay.metrics();
      Entry entry = new Entry();
      Name large = Name.of("large");
      Name nothing = Name.of("nothing");
      assertThat(inodes.lookup(InodeFileSystem.ROOT, large, entry)).isTrue();
      assertThat(inodes.lookup(InodeFileSystem.ROOT, large, entry)).isTrue();
      assertThat(inodes.lookup(InodeFileSystem.ROOT, nothing, entry)).isFalse();
      assertThat(inodes.lookup(InodeFileSystem.ROOT, nothing, entry)).isFalse();
      OverlayMetrics after = overlay.metrics();
      assertThat(before.names()).isEqualTo(new OverlayMetrics.Names(0, 0, 0));
      assertThat(after.names()).isEqualTo(new OverlayMetrics.Names(1, 1, 2));
      assertThat(after.nodes()).isEqualTo(before.nodes() + 1);
      overlay.paths().stat("etc/deep/motd");
      assertThat(overlay.metrics().directories().misses()).as("etc and etc/deep").isEqualTo(2);
    }
  }
}
