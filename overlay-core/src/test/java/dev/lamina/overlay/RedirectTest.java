package dev.lamina.overlay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Identity;
import dev.lamina.linux.Name;
import dev.lamina.linux.Xattr;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Renamed directories of lower layers: what is written, what is found again, what is refused. */
final class RedirectTest {
  private static final Name REDIRECT = Name.of("trusted.overlay.redirect");

  @TempDir Path directory;
  private Stack stack;
  private Path lower;

  @BeforeEach
  void makeLower() throws Exception {
    Assumptions.assumeTrue(Identity.processUid() == 0, "trusted xattrs need CAP_SYS_ADMIN");
    stack = new Stack(directory);
    lower = stack.lower();
  }

  @Test
  void lowerDirectory_movesAlone() throws Exception {
    for (int i = 0; i < 50; i++) {
      Files.createDirectories(lower.resolve("tree/sub" + i));
      Files.write(lower.resolve("tree/sub" + i + "/f"), new byte[1 << 10]);
    }
    Files.createDirectory(lower.resolve("into"));
    try (Overlay overlay = stack.open()) {
      overlay.paths().rename("tree", "into/tree");
      assertThat(overlay.paths().list("into/tree")).hasSize(50);
      assertThat(overlay.paths().exists("tree")).isFalse();
    }
    // Nothing in it was copied, and its old place is a whiteout.
    try (var entries = Files.walk(stack.upper())) {
      assertThat(entries.map(path -> stack.upper().relativize(path).toString()))
          .containsExactlyInAnyOrder("", "into", "into/tree", "tree");
    }
    assertThat(redirect(stack.upper(), "into/tree")).isEqualTo("/tree");
    try (Overlay again = stack.open()) {
      assertThat(again.paths().read("into/tree/sub7/f")).hasSize(1 << 10);
      assertThat(again.paths().exists("tree")).isFalse();
    }
  }

  @Test
  void movedDirectory_hadTheNumberOfSomethingElseAfterARemount() throws Exception {
    write("d/sub/f");
    write("e/f");
    long ino;
    try (Overlay overlay = stack.open()) {
      ino = overlay.paths().stat("d/sub").ino;
      overlay.paths().rename("d/sub", "e/sub");
    }
    try (Overlay again = stack.open()) {
      assertThat(again.paths().stat("e/f").ino).isNotEqualTo(ino);
      assertThat(again.paths().stat("e/sub").ino).isEqualTo(ino);
    }
  }

  @Test
  void nestedRedirects_areFollowedFromTheRootAndWithinTheParent() throws Exception {
    write("d/sub/f");
    Files.createDirectory(lower.resolve("e"));
    try (Overlay overlay = stack.open()) {
      overlay.paths().rename("d", "e/q");
      overlay.paths().rename("e/q/sub", "e/q/sub2");
      overlay.paths().rename("e", "e2");
      overlay.paths().mkdir("e", 0755);
      assertThat(text(overlay, "e2/q/sub2/f")).isEqualTo("d/sub/f");
    }
    // The very values that kernel overlayfs (Linux 6.18) writes for these renames.
    assertThat(redirect(stack.upper(), "e2")).isEqualTo("e");
    assertThat(redirect(stack.upper(), "e2/q")).isEqualTo("/d");
    assertThat(redirect(stack.upper(), "e2/q/sub2")).isEqualTo("sub");
    try (Overlay again = stack.open()) {
      assertThat(text(again, "e2/q/sub2/f")).isEqualTo("d/sub/f");
      assertThat(again.paths().list("e")).isEmpty();
      assertThat(again.paths().list("e2/q")).containsExactly("sub2");
      again.paths().rename("e2/q/sub2", "out");
    }
    assertThat(redirect(stack.upper(), "out")).isEqualTo("/d/sub");
  }

  @Test
  void directoryRenamedBack_isWhereItWas() throws Exception {
    write("d/sub/f");
    try (Overlay overlay = stack.open()) {
      overlay.paths().rename("d", "e");
      overlay.paths().rename("e", "d");
      assertThat(text(overlay, "d/sub/f")).isEqualTo("d/sub/f");
      assertThat(overlay.paths().list("/")).containsExactly("d");
    }
    try (Overlay again = stack.open()) {
      assertThat(text(again, "d/sub/f")).isEqualTo("d/sub/f");
      assertThat(again.paths().list("/")).containsExactly("d");
    }
  }

  @Test
  void directoryMovedOverARemovedOne_showsNothingOfIt() throws Exception {
    write("d/mine");
    write("gone/theirs");
    try (Overlay overlay = stack.open()) {
      overlay.paths().remove("gone/theirs");
      overlay.paths().remove("gone");
      overlay.paths().rename("d", "gone");
      assertThat(overlay.paths().list("gone")).containsExactly("mine");
    }
    try (Overlay again = stack.open()) {
      assertThat(again.paths().list("gone")).containsExactly("mine");
      assertThat(again.paths().list("/")).containsExactly("gone");
    }
  }

  @Test
  void directoryMovedOverAnOpaqueOne_keepsItsOwnLowerHalf() throws Exception {
    write("d/mine");
    write("made/theirs");
    try (Overlay overlay = stack.open()) {
      overlay.paths().remove("made/theirs");
      overlay.paths().remove("made");
      overlay.paths().mkdir("made", 0755);
      overlay.paths().rename("d", "made");
    }
    try (Overlay again = stack.open()) {
      assertThat(again.paths().list("made")).containsExactly("mine");
    }
  }

  @Test
  void directoryMovedBesideAnAufsMark_keepsItsLowerHalf() throws Exception {
    write("d/mine");
    write("hidden/theirs");
    Files.createFile(stack.upper().resolve(".wh.hidden"));
    try (Overlay overlay = stack.open()) {
      overlay.paths().rename("d", "hidden");
      assertThat(overlay.paths().list("hidden")).containsExactly("mine");
    }
    try (Overlay again = stack.open()) {
      assertThat(again.paths().list("hidden")).containsExactly("mine");
    }
  }

  @Test
  void exchangedDirectories_keepTheirLowerHalves() throws Exception {
    write("a/of-a");
    write("b/of-b");
    try (Overlay overlay = stack.open()) {
      overlay
          .inodes()
          .rename(
              Caller.self(),
              InodeFileSystem.ROOT,
              Name.of("a"),
              InodeFileSystem.ROOT,
              Name.of("b"),
              InodeFileSystem.RENAME_EXCHANGE);
      assertThat(overlay.paths().list("a")).containsExactly("of-b");
    }
    try (Overlay again = stack.open()) {
      assertThat(again.paths().list("a")).containsExactly("of-b");
      assertThat(again.paths().list("b")).containsExactly("of-a");
    }
  }

  @Test
  void knownDescendantsOfAMovedDirectory_areStillThemselves() throws Exception {
    write("d/sub/f");
    try (Overlay overlay = stack.open()) {
      InodeFileSystem inodes = overlay.inodes();
      long dir = PromotionTest.lookup(inodes, InodeFileSystem.ROOT, "d").node;
      long sub = PromotionTest.lookup(inodes, dir, "sub").node;
      long file = PromotionTest.lookup(inodes, sub, "f").node;
      overlay.paths().mkdir("x", 0755);
      overlay.paths().rename("d", "x/moved");
      overlay.paths().write("x/moved/sub/f", "new".getBytes(UTF_8));
      assertThat(PromotionTest.lookup(inodes, sub, "f").node).isEqualTo(file);
      inodes.mkdir(Caller.self(), sub, Name.of("made"), 0755, new Entry());
      assertThat(overlay.paths().list("x/moved/sub")).containsExactlyInAnyOrder("f", "made");
    }
    try (Overlay again = stack.open()) {
      assertThat(text(again, "x/moved/sub/f")).isEqualTo("new");
    }
  }

  @Test
  void deepChainOfMoves_isFollowedInEveryLayer() throws Exception {
    Path bottom = stack.lower();
    Files.createDirectories(bottom.resolve("n0/inner"));
    Files.writeString(bottom.resolve("n0/inner/bottom"), "x");
    write("n0/inner/top");
    int moves = 40;
    for (int i = 0; i < moves; i++) {
      try (Overlay overlay = stack.open()) {
        overlay.paths().mkdir("p" + i, 0755);
        String from = i == 0 ? "n0" : "p" + (i - 1) + "/n" + i;
        overlay.paths().rename(from, "p" + i + "/n" + (i + 1));
      }
    }
    try (Overlay again = stack.open()) {
      assertThat(again.paths().list("p39/n40/inner")).containsExactlyInAnyOrder("top", "bottom");
    }
    assertThat(redirect(stack.upper(), "p39/n40")).isEqualTo("/n0");
  }

  @Test
  void redirectsOfAMiddleLayer_areFollowedBelowIt() throws Exception {
    Path bottom = stack.lower();
    Files.createDirectories(bottom.resolve("t/deep"));
    Files.createDirectories(bottom.resolve("p/x/in-x"));
    Files.createDirectories(lower.resolve("mid"));
    Files.createDirectories(lower.resolve("p/y"));
    setRedirect(lower, "mid", "/t");
    setRedirect(lower, "p/y", "x");
    for (int round = 0; round < 2; round++) {
      String mid = round == 0 ? "mid" : "moved";
      String y = round == 0 ? "p/y" : "y";
      try (Overlay overlay = stack.open()) {
        assertThat(overlay.paths().list(mid)).containsExactly("deep");
        assertThat(overlay.paths().list(y)).containsExactly("in-x");
        if (round == 0) {
          overlay.paths().rename("mid", "moved");
          overlay.paths().rename("p/y", "y");
        }
      }
    }
    assertThat(redirect(stack.upper(), "moved")).isEqualTo("mid");
    assertThat(redirect(stack.upper(), "y")).isEqualTo("/p/y");
  }

  @Test
  void namesOfAnyBytes_areKept() throws Exception {
    String odd = "a b\n%\\:,'\"\u00e4";
    write(odd + "/f");
    Files.createDirectory(lower.resolve("into"));
    try (Overlay overlay = stack.open()) {
      overlay.paths().rename(odd, "into/plain");
    }
    assertThat(redirect(stack.upper(), "into/plain")).isEqualTo("/" + odd);
    try (Overlay again = stack.open()) {
      assertThat(again.paths().list("into/plain")).containsExactly("f");
    }
  }

  @Test
  void placeOf256Bytes_isTheLongestThatMovesAcrossDirectories() throws Exception {
    // "/" + 200 + "/" + 54 = 256 bytes, and one more.
    String parent = "p".repeat(200);
    String fits = parent + "/" + "f".repeat(54);
    String tooLong = parent + "/" + "t".repeat(55);
    write(fits + "/f");
    write(tooLong + "/f");
    try (Overlay overlay = stack.open()) {
      overlay.paths().rename(fits, "fits");
      assertErrno(Errno.EXDEV, () -> overlay.paths().rename(tooLong, "too-long"));
      // Within its directory a name is enough, and as long as names are.
      overlay.paths().rename(tooLong, parent + "/short");
      assertErrno(Errno.EXDEV, () -> overlay.paths().rename(parent + "/short", "too-long"));
    }
    assertThat(redirect(stack.upper(), "fits")).hasSize(256);
    try (Overlay again = stack.open()) {
      assertThat(again.paths().list("fits")).containsExactly("f");
      assertThat(again.paths().list(parent + "/short")).containsExactly("f");
    }
  }

  @Test
  void malformedRedirect_isRefusedAsByTheKernel() throws Exception {
    write("t/f");
    String[] malformed = {"", "a/b", "/t//f", "/t/", "/"};
    for (int i = 0; i < malformed.length; i++) {
      Files.createDirectory(stack.upper().resolve("m" + i));
      setRedirect(stack.upper(), "m" + i, malformed[i]);
    }
    Files.createDirectory(stack.upper().resolve("dots"));
    setRedirect(stack.upper(), "dots", "/t/../../../etc");
    try (Overlay overlay = stack.open()) {
      for (int i = 0; i < malformed.length; i++) {
        String name = "m" + i;
        assertErrno(Errno.EINVAL, () -> overlay.paths().list(name));
      }
      assertErrno(Errno.EACCES, () -> overlay.paths().list("dots"));
    }
  }

  /** Redirects are recorded before the rename: a crash in between must show the old tree. */
  @Test
  void redirectToItsOwnPlace_changesNothing() throws Exception {
    write("d/sub/f");
    Files.createDirectories(stack.upper().resolve("d/sub"));
    setRedirect(stack.upper(), "d", "d");
    setRedirect(stack.upper(), "d/sub", "/d/sub");
    try (Overlay overlay = stack.open()) {
      assertThat(text(overlay, "d/sub/f")).isEqualTo("d/sub/f");
      overlay.paths().rename("d/sub", "out");
      assertThat(overlay.paths().list("d")).isEmpty();
    }
    try (Overlay again = stack.open()) {
      assertThat(text(again, "out/f")).isEqualTo("d/sub/f");
      assertThat(again.paths().list("d")).isEmpty();
    }
  }

  @Test
  void redirectThroughASymbolicLink_leadsNowhere() throws Exception {
    Path outside = Files.createDirectories(directory.resolve("outside/secret"));
    Files.createFile(outside.resolve("key"));
    Files.createSymbolicLink(lower.resolve("link"), directory.resolve("outside"));
    Files.createDirectory(stack.upper().resolve("d"));
    setRedirect(stack.upper(), "d", "/link/secret");
    try (Overlay overlay = stack.open()) {
      assertThat(overlay.paths().list("d")).isEmpty();
    }
  }

  @Test
  void opaqueRedirectedDirectory_hasNoLowerHalf() throws Exception {
    write("t/f");
    Files.createDirectory(stack.upper().resolve("d"));
    setRedirect(stack.upper(), "d", "/t");
    set(stack.upper(), "d", Name.of("trusted.overlay.opaque"), "y");
    try (Overlay overlay = stack.open()) {
      assertThat(overlay.paths().list("d")).isEmpty();
    }
  }

  @Test
  void redirectThatLeadsNowhere_mergesWithNothingAtItsNextPlace() throws Exception {
    write("into/d/theirs");
    Files.createDirectory(stack.upper().resolve("x"));
    setRedirect(stack.upper(), "x", "d");
    try (Overlay overlay = stack.open()) {
      overlay.paths().rename("x", "into/y");
    }
    try (Overlay again = stack.open()) {
      assertThat(again.paths().list("into/y")).isEmpty();
    }
  }

  @Test
  void follow_showsButDoesNotMove_nofollowRefuses() throws Exception {
    write("d/f");
    try (Overlay overlay = stack.open()) {
      overlay.paths().rename("d", "e");
    }
    for (RedirectDir follows : new RedirectDir[] {RedirectDir.FOLLOW, RedirectDir.OFF}) {
      try (Overlay overlay = Overlay.open(stack.options().redirectDir(follows).build())) {
        assertThat(overlay.paths().list("e")).containsExactly("f");
        assertErrno(Errno.EXDEV, () -> overlay.paths().rename("e", "d"));
      }
    }
    OverlayOptions nofollow = stack.options().redirectDir(RedirectDir.NOFOLLOW).build();
    try (Overlay overlay = Overlay.open(nofollow)) {
      assertErrno(Errno.EPERM, () -> overlay.paths().list("e"));
    }
  }

  @Test
  void userXattrs_makeAndFollowNoRedirects() throws Exception {
    write("d/f");
    Files.createDirectory(stack.upper().resolve("planted"));
    set(stack.upper(), "planted", Name.of("user.overlay.redirect"), "/d");
    OverlayOptions options =
        stack.options().privateXattrs(OverlayOptions.PrivateXattrs.USER).build();
    try (Overlay overlay = Overlay.open(options)) {
      assertErrno(Errno.EXDEV, () -> overlay.paths().rename("d", "e"));
      assertErrno(Errno.EPERM, () -> overlay.paths().list("planted"));
    }
  }

  @Test
  void diffOfAMovedDirectory_isItsOldNameDeletedAndAllOfItNew() throws Exception {
    write("d/sub/f");
    write("d/g");
    write("over/g");
    write("over/theirs");
    try (Overlay overlay = stack.open()) {
      overlay.paths().remove("over/g");
      overlay.paths().remove("over/theirs");
      overlay.paths().remove("over");
      overlay.paths().rename("d", "over");
    }
    assertThat(Overlay.changes(stack.options().build()))
        .extracting(Change::toString)
        .containsExactly(
            "D /d", "C /over", "C /over/g", "A /over/sub", "A /over/sub/f", "D /over/theirs");
  }

  private void write(String path) throws Exception {
    Path file = lower.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, path);
  }

  private static String text(Overlay overlay, String path) throws Exception {
    return new String(overlay.paths().read(path), UTF_8);
  }

  private static void setRedirect(Path layer, String path, String value) throws Exception {
    set(layer, path, REDIRECT, value);
  }

  private static void set(Path layer, String path, Name name, String value) throws Exception {
    int fd = At.openDirectory(At.FDCWD, Name.of(layer.resolve(path).toString()));
    try {
      Xattr.set(fd, Name.of("."), name, value.getBytes(UTF_8), 0);
    } finally {
      Fd.close(fd);
    }
  }

  private static String redirect(Path layer, String path) throws Exception {
    int fd = At.openDirectory(At.FDCWD, Name.of(layer.resolve(path).toString()));
    try {
      return new String(Xattr.get(fd, Name.of("."), REDIRECT), UTF_8);
    } finally {
      Fd.close(fd);
    }
  }

  private static void assertErrno(int errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ErrnoException.class, e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
  }
}
