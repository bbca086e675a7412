package dev.lamina.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What memory is used, by the kernel's own objects and by a server. */
final class Memory {
  private static final Path HOST = Path.of("/proc/meminfo");

  private Memory() {}

  /** Bytes of the kernel's slabs: inodes, directory entries and the like, of all filesystems. */
  static long ofKernel() throws IOException {
    return kibibytes(HOST, "Slab:") << 10;
  }

  /** Bytes of the processes that serve {@code stack}, what they share with others in part. */
  static long ofServer(Stack stack) throws IOException {
    long sum = 0;
    for (ProcessHandle server : Servers.of(stack)) {
      sum += kibibytes(Path.of("/proc/" + server.pid() + "/smaps_rollup"), "Pss:") << 10;
    }
    return sum;
  }

  private static long kibibytes(Path file, String field) throws IOException {
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith(field)) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException(file + " has no " + field);
  }
}
