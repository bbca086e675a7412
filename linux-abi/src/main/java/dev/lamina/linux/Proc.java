package dev.lamina.linux;

import java.nio.charset.StandardCharsets;

/**
 * Paths through {@code /proc/self/fd}: the way to reach the very object behind a descriptor where a
 * call has no {@code *at} form. The kernel jumps to the object, so no name is resolved again.
 */
final class Proc {
  private static final byte[] PREFIX = "/proc/self/fd/".getBytes(StandardCharsets.US_ASCII);

  private Proc() {}

  /** {@code /proc/self/fd/N}, in this thread's scratch memory. */
  static Name descriptor(int fd) {
    byte[] path = new byte[PREFIX.length + 10];
    int length = digits(path, fd);
    return Scratch.get().path.set(path, 0, length);
  }

  /** {@code /proc/self/fd/N/name}, in this thread's scratch memory. */
  static Name below(int dirfd, Name name) {
    byte[] path = new byte[PREFIX.length + 11 + name.length()];
    int length = digits(path, dirfd);
    path[length++] = '/';
    for (int i = 0; i < name.length(); i++) {
      path[length++] = name.at(i);
    }
    return Scratch.get().path.set(path, 0, length);
  }

  private static int digits(byte[] path, int fd) {
    System.arraycopy(PREFIX, 0, path, 0, PREFIX.length);
    int length = PREFIX.length;
    int divisor = 1;
    while (fd / divisor >= 10) {
      divisor *= 10;
    }
    for (; divisor > 0; divisor /= 10) {
      path[length++] = (byte) ('0' + fd / divisor % 10);
    }
    return length;
  }
}
