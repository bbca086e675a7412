package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.linux.At;
import dev.lamina.linux.Cpus;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is peculiar to requests over io_uring; everything else holds whichever way they come. */
@RequiresFuse
@NotOverLibfuse("it has no io_uring")
class IoUringTest {
  private static LoopbackMount mount(MountScratch scratch) throws IOException {
    return LoopbackMount.in(scratch, b -> TestMounts.overIoUring(b, IoUringMode.ON));
  }

  @Test
  void modes_sayWhichWayRequestsCome(MountScratch scratch) throws Exception {
    try (LoopbackMount on = mount(scratch)) {
      assertThat(on.mount.isOverIoUring()).isTrue();
    }
    try (LoopbackMount off = LoopbackMount.in(scratch, b -> b.ioUring(IoUringMode.OFF))) {
      assertThat(off.mount.isOverIoUring()).isFalse();
    }
  }

  @Test
  void idleMount_hasTwoThreads(MountScratch scratch) throws Exception {
    Set<Thread> before = threads();
    try (LoopbackMount loopback = mount(scratch)) {
      assertThat(loopback.mount.isOverIoUring()).isTrue();
      // Opening the roots of the fixture asks for nothing, so no CPU has a server yet.
      assertThat(startedSince(before)).hasSize(2);
    }
  }

  /** Not all are of one mount: when it has ended, the last of its threads is about to. */
  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("lamina-fuse-"))
        .collect(Collectors.toSet());
  }

  private static Set<Thread> startedSince(Set<Thread> before) {
    Set<Thread> more = threads();
    more.removeAll(before);
    return more;
  }

  @Test
  void requestsOfEveryCpu_areServed(MountScratch scratch) throws Exception {
    try (LoopbackMount loopback = mount(scratch)) {
      for (int cpu : cpus()) {
        Path file = loopback.target.resolve("f" + cpu);
        assertThat(onCpu(cpu, () -> Files.writeString(file, "content"))).isNotNull();
        assertThat(loopback.source.resolve("f" + cpu)).hasContent("content");
      }
    }
  }

  @Test
  void longRequestsOnEveryCpu_holdUpNobody(MountScratch scratch) throws Exception {
    CountDownLatch proceed = new CountDownLatch(1);
    int perCpu = 5;
    CountDownLatch inside = new CountDownLatch(perCpu * cpus().size());
    Path source = scratch.directory("source");
    Files.write(source.resolve("f"), new byte[4096]);
    try (LoopbackFileSystem slow =
            new LoopbackFileSystem(source) {
              @Override
              public int read(long handle, NativeMemory memory, int at, int size, long offset)
                  throws ErrnoException {
                inside.countDown();
                awaitQuietly(proceed);
                return super.read(handle, memory, at, size, offset);
              }
            };
        FuseMount mount =
            TestMounts.overIoUring(FuseMount.of(slow), IoUringMode.ON)
                .on(scratch.directory("target"))
                .mount()) {
      Path file = mount.mountPoint().resolve("f");
      List<FutureTask<Integer>> readers = new ArrayList<>();
      for (int cpu : cpus()) {
        for (int i = 0; i < perCpu; i++) {
          readers.add(start(cpu, () -> readDirectly(file)));
        }
      }
      inside.await();
      for (int cpu : cpus()) {
        for (int i = 0; i < 100; i++) {
          Path absent = mount.mountPoint().resolve("absent" + cpu + "-" + i);
          assertThat(onCpu(cpu, () -> Files.exists(absent))).isFalse();
        }
        Path made = mount.mountPoint().resolve("made" + cpu);
        onCpu(cpu, () -> Files.createDirectory(made));
        assertThat(source.resolve("made" + cpu)).isDirectory();
      }
      assertThat(readers).noneMatch(FutureTask::isDone);
      proceed.countDown();
      for (FutureTask<Integer> reader : readers) {
        assertThat(reader.get()).isEqualTo(4096);
      }
    } finally {
      proceed.countDown();
    }
  }

  private static int readDirectly(Path file) throws ErrnoException {
    int fd =
        At.open(At.FDCWD, Name.of(file.toString()), OpenFlags.O_RDONLY | OpenFlags.O_DIRECT, 0);
    try {
      return Fd.pread(fd, NativeMemory.allocatePageAligned(4096), 0, 4096, 0);
    } finally {
      Fd.close(fd);
    }
  }

  @Test
  void shortRequests_stayWithTheServersThatAreThere(MountScratch scratch) throws Exception {
    int cpu = cpus().get(0);
    try (LoopbackMount loopback = mount(scratch)) {
      onCpu(
          cpu,
          () -> {
            for (int i = 0; i < 200; i++) {
              Files.exists(loopback.target.resolve("absent" + i));
            }
            return null;
          });
      Set<Thread> servers = threads();
      onCpu(
          cpu,
          () -> {
            for (int i = 0; i < 5000; i++) {
              Files.exists(loopback.target.resolve("also-absent" + i));
            }
            return null;
          });
      assertThat(startedSince(servers)).isEmpty();
    }
  }

  @Test
  void cpuThatGoesAndComesBack_isServedBeforeBetweenAndAfter(MountScratch scratch)
      throws Exception {
    Path online = Path.of("/sys/devices/system/cpu/cpu1/online");
    assumeTrue(
        Files.isWritable(online) && cpus().containsAll(List.of(0, 1)),
        "needs a CPU that can be taken offline");
    try (LoopbackMount loopback = mount(scratch);
        LoopbackFileSystem other = new LoopbackFileSystem(scratch.directory("other"))) {
      onCpu(1, () -> Files.writeString(loopback.target.resolve("before"), "x"));
      assertThat(serversPinnedTo(1)).isPositive();
      try {
        Files.writeString(online, "0");
        onCpu(0, () -> Files.writeString(loopback.target.resolve("between"), "x"));
        try (FuseMount meanwhile =
            TestMounts.overIoUring(FuseMount.of(other), IoUringMode.ON)
                .on(scratch.directory("meanwhile"))
                .mount()) {
          assertThat(meanwhile.isOverIoUring()).isTrue();
          Files.writeString(meanwhile.mountPoint().resolve("g"), "x");
        }
      } finally {
        Files.writeString(online, "1");
      }
      onCpu(
          1,
          () -> {
            for (int i = 0; i < 10_000; i++) {
              Files.exists(loopback.target.resolve("absent" + i));
            }
            return null;
          });
      assertThat(serversPinnedTo(1)).isPositive();
    }
  }

  /** Threads of this process that serve a mount and may run on that CPU alone. */
  private static long serversPinnedTo(int cpu) throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks
          .map(IoUringTest::status)
          .filter(status -> status.contains("lamina-fuse-"))
          .filter(status -> status.contains("\nCpus_allowed_list:\t" + cpu + "\n"))
          .count();
    }
  }

  private static String status(Path task) {
    try {
      return Files.readString(task.resolve("status"));
    } catch (IOException e) {
      return "it has ended";
    }
  }

  /** Those that this process may use. */
  private static List<Integer> cpus() throws IOException {
    String allowed = "Cpus_allowed_list:";
    String list =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith(allowed))
            .map(line -> line.substring(allowed.length()).strip())
            .findFirst()
            .orElseThrow();
    List<Integer> cpus = new ArrayList<>();
    for (String range : list.split(",", -1)) {
      String[] ends = range.split("-", 2);
      for (int cpu = Integer.parseInt(ends[0]);
          cpu <= Integer.parseInt(ends[ends.length - 1]);
          cpu++) {
        cpus.add(cpu);
      }
    }
    return cpus;
  }

  private interface Action<T> {
    T run() throws Exception;
  }

  private static <T> FutureTask<T> start(int cpu, Action<T> action) {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              Cpus.pinThread(cpu);
              return action.run();
            });
    new Thread(task).start();
    return task;
  }

  private static <T> T onCpu(int cpu, Action<T> action)
      throws InterruptedException, ExecutionException {
    return start(cpu, action).get();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
