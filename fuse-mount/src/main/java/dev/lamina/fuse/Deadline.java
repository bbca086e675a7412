package dev.lamina.fuse;

import java.time.Duration;

/** A moment on the monotonic clock. */
final class Deadline {
  private final long nanos;

  Deadline(Duration fromNow) {
    this.nanos = System.nanoTime() + fromNow.toNanos();
  }

  boolean isOver() {
    return remainingMillis() == 0;
  }

  /** Rounded up, 0 when it is over. */
  long remainingMillis() {
    long left = nanos - System.nanoTime();
    return left <= 0 ? 0 : left / 1_000_000 + 1;
  }
}
