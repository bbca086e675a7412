package dev.lamina.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What tests of this module ask of the host, and how they state an errno. */
final class Host {
  private Host() {}

  /**
   * Skips the test, or fails it when {@code LAMINA_REQUIRE_FUSE=1}: CI must not pass by skipping.
   */
  static void requireRoot() {
    if (Identity.processUid() != 0) {
      missing("the test does not run as root");
    }
  }

  private static void missing(String reason) {
    if ("1".equals(System.getenv("LAMINA_REQUIRE_FUSE"))) {
      fail(reason);
    }
    abort(reason);
  }

  static void assertErrno(int errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  /**
   * How many descriptors this process has open, but for those that the JVM opens when it likes: of
   * jars, and to look at its limits.
   */
  static int openDescriptors() throws IOException {
    try (var fds = Files.list(Path.of("/proc/self/fd"))) {
      return (int) fds.filter(Host::isNotOfTheJvm).count();
    }
  }

  private static boolean isNotOfTheJvm(Path fd) {
    try {
      String target = Files.readSymbolicLink(fd).toString();
      return !(target.endsWith(".jar")
          || target.startsWith("/proc/")
          || target.startsWith("/sys/")
          || target.endsWith("/lib/modules"));
    } catch (IOException e) {
      // It was the one of this listing, or is closed.
      return false;
    }
  }
}
