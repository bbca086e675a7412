package dev.lamina.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
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

  /** Number of descriptors that this process has open. */
  static int openDescriptors() {
    return new File("/proc/self/fd").list().length;
  }
}
