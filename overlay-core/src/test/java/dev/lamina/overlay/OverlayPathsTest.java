package dev.lamina.overlay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Paths are resolved inside the union, as in a chroot. */
final class OverlayPathsTest {
  @TempDir Path directory;

  @Test
  void links_areFollowedInsideTheUnionOnly() throws Exception {
    Stack stack = new Stack(directory);
    Path lower = stack.lower();
    Files.createDirectories(lower.resolve("etc"));
    Files.writeString(lower.resolve("etc/passwd"), "the image's");
    Files.createSymbolicLink(lower.resolve("absolute"), Path.of("/etc/passwd"));
    Files.createSymbolicLink(lower.resolve("climbing"), Path.of("../../../../etc"));
    try (Overlay overlay = stack.open()) {
      OverlayPaths paths = overlay.paths();
      assertThat(paths.read("absolute")).asString(UTF_8).isEqualTo("the image's");
      assertThat(paths.read("/climbing/passwd")).asString(UTF_8).isEqualTo("the image's");
      assertThat(paths.readlink("climbing")).isEqualTo("../../../../etc");
      assertThat(Stack.nodes(overlay)).isEqualTo(1);
    }
  }

  @Test
  void loops_endWithEloop() throws Exception {
    Stack stack = new Stack(directory);
    Path lower = stack.lower();
    Files.createSymbolicLink(lower.resolve("a"), Path.of("b"));
    Files.createSymbolicLink(lower.resolve("b"), Path.of("a"));
    try (Overlay overlay = stack.open()) {
      assertThatThrownBy(() -> overlay.paths().read("a/x"))
          .hasMessageContaining("a/x")
          .hasMessageContaining("ELOOP");
      assertThat(Stack.nodes(overlay)).isEqualTo(1);
    }
  }

  @Test
  void writeReadRenameRemove_roundTrip() throws Exception {
    Stack stack = new Stack(directory);
    stack.lower();
    try (Overlay overlay = stack.open()) {
      OverlayPaths paths = overlay.paths();
      paths.mkdir("/d", 0750);
      byte[] large = new byte[300_000];
      large[299_999] = 7;
      paths.write("/d/f", large);
      assertThat(paths.read("d//./f")).isEqualTo(large);
      paths.rename("d/f", "/g");
      assertThat(paths.exists("d/f")).isFalse();
      assertThat(paths.stat("g").size).isEqualTo(300_000);
      assertThat(paths.stat("d").mode & 07777).isEqualTo(0750);
      paths.remove("g");
      paths.remove("d/");
      assertThat(paths.list("")).isEmpty();
    }
  }
}
