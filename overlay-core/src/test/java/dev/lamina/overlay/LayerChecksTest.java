package dev.lamina.overlay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.linux.OpenFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Layers that cannot be one stack are refused, each in words of its own, before anything is done.
 */
final class LayerChecksTest {
  @TempDir Path directory;
  private Path lower;
  private Path upper;
  private Path work;

  @BeforeEach
  void makeLayers() throws IOException {
    lower = Files.createDirectory(directory.resolve("lower"));
    upper = Files.createDirectory(directory.resolve("upper"));
    work = Files.createDirectory(directory.resolve("work"));
  }

  private AbstractThrowableAssert<?, ?> refusal(OverlayOptions options) throws IOException {
    AbstractThrowableAssert<?, ?> refusal = assertThatThrownBy(() -> Overlay.open(options).close());
    assertThat(openBelow(directory)).isZero();
    return refusal;
  }

  /** How many descriptors of this process lie below {@code place}; the JVM's own come and go. */
  private static long openBelow(Path place) throws IOException {
    try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
      return fds.filter(fd -> target(fd).startsWith(place)).count();
    }
  }

  private static Path target(Path fd) {
    try {
      return Files.readSymbolicLink(fd);
    } catch (IOException e) {
      return fd;
    }
  }

  private OverlayOptions.Builder over(Path... lowers) {
    OverlayOptions.Builder options = OverlayOptions.builder().writable(upper, work);
    for (Path layer : lowers) {
      options.addLower(layer);
    }
    return options;
  }

  private static Path in(Path parent) throws IOException {
    return Files.createDirectory(parent.resolve("inside"));
  }

  @Test
  void sameLowerTwice_isRefused() throws Exception {
    Path other = Files.createSymbolicLink(directory.resolve("other"), lower);
    refusal(over(lower, other).build())
        .hasMessage(
            "lowerdir %s is the same directory as lowerdir %s: "
                + "too many levels of symbolic links (ELOOP)",
            other, lower);
  }

  @Test
  void lowerInsideLower_isRefused_inEitherOrder() throws Exception {
    Path inside = in(lower);
    String message = "lowerdir " + inside + " lies inside lowerdir " + lower;
    refusal(over(lower, inside).build()).hasMessageContaining(message);
    refusal(over(inside, lower).build()).hasMessageContaining(message);
  }

  @Test
  void lowerInsideUpperOrWork_isRefused() throws Exception {
    refusal(over(in(upper)).build()).hasMessageContainingAll("inside upperdir " + upper, "ELOOP");
    refusal(over(in(work)).build()).hasMessageContainingAll("inside workdir " + work, "ELOOP");
  }

  @Test
  void upperOrWorkInsideLower_isRefused() throws Exception {
    Path inside = in(lower);
    refusal(over(lower).writable(inside, work).build())
        .hasMessageContainingAll("upperdir " + inside + " lies inside lowerdir", "ELOOP");
    refusal(over(lower).writable(upper, inside).build())
        .hasMessageContainingAll("workdir " + inside + " lies inside lowerdir", "ELOOP");
    assertThat(inside).isEmptyDirectory();
  }

  @Test
  void upperAndWork_thatAreOneOrOverlap_areRefused() throws Exception {
    refusal(over(lower).writable(upper, upper).build())
        .hasMessageContainingAll("workdir", "is the same directory as upperdir", "EINVAL");
    refusal(over(lower).writable(upper, in(upper)).build())
        .hasMessageContainingAll("workdir", "lies inside upperdir", "EINVAL");
    refusal(over(lower).writable(in(work), work).build())
        .hasMessageContainingAll("upperdir", "lies inside workdir", "EINVAL");
  }

  @Test
  void workThatIsALower_keepsWhatIsInIt() throws Exception {
    Files.writeString(Files.createDirectory(lower.resolve("work")).resolve("f"), "mine");
    refusal(over(lower).writable(upper, lower).build()).hasMessageContaining("same directory");
    assertThat(lower.resolve("work/f")).hasContent("mine");
  }

  @Test
  void upperInUse_isRefused_whateverTheWorkDirectory() throws Exception {
    Path otherWork = Files.createDirectory(directory.resolve("work2"));
    try (Overlay first = Overlay.open(over(lower).build())) {
      assertThat(first.paths().list("/")).isEmpty();
      assertThatThrownBy(() -> Overlay.open(over(lower).writable(upper, otherWork).build()).close())
          .hasMessage(
              "upperdir %s is in use by another mount: %s",
              upper, "device or resource busy (EBUSY)");
    }
    Overlay.open(over(lower).writable(upper, otherWork).build()).close();
  }

  @Test
  void mountPointInsideALayer_isRefused() throws Exception {
    for (Path layer : new Path[] {lower, upper, work}) {
      Path inside = in(layer);
      assertThatThrownBy(() -> Overlay.requireMountPoint(over(lower).build(), inside))
          .hasMessageContainingAll("mount point " + inside + " lies inside", "dir " + layer);
    }
  }

  @Test
  void mountPointAroundALayer_isRefused() {
    assertThatThrownBy(() -> Overlay.requireMountPoint(over(lower).build(), directory))
        .hasMessageContaining("upperdir " + upper + " lies inside mount point " + directory);
  }

  @Test
  void mountPointThatIsALower_orBeside_isTaken() throws Exception {
    Path beside = Files.createDirectory(directory.resolve("beside"));
    assertThatCode(() -> Overlay.requireMountPoint(over(lower).build(), lower))
        .doesNotThrowAnyException();
    assertThatCode(() -> Overlay.requireMountPoint(over(lower).build(), beside))
        .doesNotThrowAnyException();
  }

  @Test
  void volatileUpper_isRefusedUntilTheMarkIsRemoved() throws Exception {
    Overlay.open(over(lower).volatileUpper(true).build()).close();
    Path mark = work.resolve("work/incompat/volatile");
    assertThat(mark.resolve("dirty")).isEmptyFile();
    for (boolean again : new boolean[] {false, true}) {
      refusal(over(lower).volatileUpper(again).build())
          .hasMessageContainingAll("mounted volatile", "remove " + mark, "EINVAL");
    }
    Files.delete(mark.resolve("dirty"));
    Files.delete(mark);
    Overlay.open(over(lower).build()).close();
    assertThat(work.resolve("work")).isEmptyDirectory();
  }

  @Test
  void refusedStack_isNotMarkedVolatile() throws Exception {
    refusal(over(lower, directory.resolve("absent")).volatileUpper(true).build())
        .hasMessageContaining("absent");
    Overlay.open(over(lower).build()).close();
  }

  @Test
  void unknownIncompatFeature_isRefused() throws Exception {
    Path mark = Files.createDirectories(work.resolve("work/incompat")).resolve("future");
    Files.writeString(mark, "");
    refusal(over(lower).build()).hasMessageContainingAll("unknown feature future", "EINVAL");
    assertThat(mark).exists();
  }

  @Test
  void syncsOmitted_answerAtOnce() throws Exception {
    try (Overlay overlay = Overlay.open(over(lower).syncOnRequest(false).build())) {
      overlay.paths().write("f", "x".getBytes(UTF_8));
      long handle = openFile(overlay, "f");
      overlay.inodes().fsync(handle, false);
      overlay.inodes().fsync(handle, true);
      overlay.inodes().release(handle);
      overlay.inodes().syncfs();
    }
  }

  /** fuse-overlayfs #320: undefined for the kernel too, but nothing may break or leak. */
  @Test
  void issue320_lowerChangedBelowALiveUnion_breaksNothing() throws Exception {
    Files.createDirectories(lower.resolve("d/e"));
    Files.writeString(lower.resolve("d/f"), "old");
    Files.writeString(lower.resolve("gone"), "old");
    try (Overlay overlay = Overlay.open(over(lower).build())) {
      assertThat(overlay.paths().list("d")).containsExactlyInAnyOrder("e", "f");
      long open = openFile(overlay, "gone");
      Files.delete(lower.resolve("gone"));
      Files.delete(lower.resolve("d/e"));
      Files.delete(lower.resolve("d/f"));
      Files.createDirectory(lower.resolve("d/f"));
      Files.writeString(lower.resolve("d/new"), "new");
      assertThat(overlay.paths().list("d")).contains("new");
      assertThat(overlay.paths().read("d/new")).asString(UTF_8).isEqualTo("new");
      overlay.paths().write("d/made", new byte[1]);
      assertThatThrownBy(() -> overlay.paths().write("gone/x", new byte[1]))
          .isInstanceOf(IOException.class);
      overlay.inodes().release(open);
    }
    assertThat(openBelow(directory)).isZero();
  }

  private static long openFile(Overlay overlay, String name) throws Exception {
    Entry file = PromotionTest.lookup(overlay.inodes(), InodeFileSystem.ROOT, name);
    Opened opened = new Opened();
    overlay.inodes().open(Caller.self(), file.node, OpenFlags.O_RDONLY, opened);
    return opened.handle;
  }
}
