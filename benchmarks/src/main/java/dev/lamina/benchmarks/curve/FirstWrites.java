package dev.lamina.benchmarks.curve;

import dev.lamina.benchmarks.Contender;
import dev.lamina.benchmarks.Scratch;
import dev.lamina.benchmarks.Stack;
import dev.lamina.linux.At;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Containers on the same lowers, each of which writes 4 KiB to the start of the same file, all at
 * once, after it has written some small ones.
 *
 * @param lowers topmost first
 * @param file its name
 * @param containers how many
 */
record FirstWrites(List<Path> lowers, String file, int containers) {
  private static final int BLOCK = 4096;
  private static final int WARM = 50;

  /**
   * What it took.
   *
   * @param seconds from open to close, the mean of the containers'
   * @param bytes of all containers together
   */
  record Cost(double seconds, long bytes) {}

  /** Mounts on {@code contender} below {@code scratch}, writes, and takes all down again. */
  Cost run(Contender contender, LoopFileSystem place, Path scratch)
      throws IOException, InterruptedException {
    List<Contender.Mounted> mounted = new ArrayList<>();
    try {
      List<Path> targets = new ArrayList<>();
      for (int i = 0; i < containers; i++) {
        Stack stack = Stack.in(scratch.resolve("c" + i), lowers);
        mounted.add(contender.mount(stack));
        targets.add(stack.target());
        for (int j = 0; j < WARM; j++) {
          write(stack.target().resolve(warm(j)));
        }
        // The lookup is not the write's.
        Files.size(stack.target().resolve(file));
      }
      Scratch.settle(scratch);
      long before = place.used();
      double seconds = writeAll(targets);
      return new Cost(seconds, Math.max(0, place.used() - before));
    } finally {
      for (Contender.Mounted one : mounted) {
        one.discard();
      }
    }
  }

  private double writeAll(List<Path> targets) throws IOException, InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(targets.size());
    try {
      CyclicBarrier start = new CyclicBarrier(targets.size());
      List<Callable<Long>> writes = new ArrayList<>();
      for (Path target : targets) {
        writes.add(
            () -> {
              start.await();
              return write(target.resolve(file));
            });
      }
      long sum = 0;
      for (Future<Long> done : threads.invokeAll(writes)) {
        sum += done.get();
      }
      return sum / 1e9 / targets.size();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e);
    } finally {
      threads.shutdown();
    }
  }

  /** Small files of the topmost lower, for what a system does only once after it was mounted. */
  static void makeWarm(Path lower) throws IOException {
    for (int i = 0; i < WARM; i++) {
      DataFile.make(lower.resolve(warm(i)), BLOCK);
    }
  }

  private static String warm(int i) {
    return "warm" + i;
  }

  /** Nanoseconds. */
  private static long write(Path path) throws IOException {
    Name name = Name.of(path.toString());
    NativeMemory block = NativeMemory.allocate(BLOCK);
    long start = System.nanoTime();
    int fd = At.open(At.FDCWD, name, OpenFlags.O_WRONLY, 0);
    try {
      Fd.pwrite(fd, block, 0, BLOCK, 0);
    } finally {
      Fd.close(fd);
    }
    return System.nanoTime() - start;
  }
}
