package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.faults.OpenDescriptors;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** As {@link ComplaintsOnDataTest}: many files, large files, long lives. Counts, never times. */
@RequiresFuse
class ComplaintsOnLoadTest {
  private static final int FILES = 2000;

  private Path lower;
  private Path mnt;
  private Overlay overlay;
  private WatchedCalls calls;
  private FuseMount mount;

  @BeforeEach
  void mount(MountScratch scratch) throws Exception {
    lower = scratch.directory("lower");
    mnt = scratch.directory("mnt");
    for (int i = 0; i < FILES; i++) {
      Path directory = Files.createDirectories(lower.resolve("d" + i % 100));
      Files.writeString(directory.resolve("f" + i), "content of " + i);
    }
    overlay =
        Overlay.open(
            OverlayOptions.builder()
                .addLower(lower)
                .writable(scratch.directory("upper"), scratch.directory("work"))
                .syncBeforePublish(false)
                .build());
    calls = new WatchedCalls(overlay.inodes());
    mount = FuseMount.of(calls.fileSystem()).on(mnt).mount();
  }

  @AfterEach
  void unmount() {
    mount.close();
    overlay.close();
  }

  /** Four programs that open files wait for each other in the server. */
  @Test
  void issue401_issue321_requestsOfSeveralPrograms_areServedAtOnce() throws Exception {
    CyclicBarrier together = new CyclicBarrier(4);
    calls.before(
        "open",
        () -> {
          try {
            together.await(100, TimeUnit.SECONDS);
          } catch (Exception e) {
            throw new AssertionError("not four at once", e);
          }
        });
    Programs.sh("cd $1; for i in 1 2 3 4; do cat d$i/f$i >/dev/null & done; wait", mnt);
    assertThat(calls.of("open")).isEqualTo(4);
    assertThat(together.isBroken()).isFalse();
  }

  /** 16 MiB in writes of 1 MiB are 16 requests, and nothing is asked beside them. */
  @Test
  void issue390_sequentialWrite_goesInLargeRequests() throws Exception {
    Programs.sh("dd if=/dev/zero of=$1/new bs=1M count=16 status=none", mnt);
    assertThat(calls.of("write")).isLessThanOrEqualTo(16);
    assertThat(calls.of("getxattr")).isLessThanOrEqualTo(1);
    assertThat(calls.of("getattr") + calls.of("setattr") + calls.of("flush"))
        .isLessThanOrEqualTo(2);
  }

  @Test
  void issue238_issue360_whatTheKernelForgot_takesNoMemory() throws Exception {
    for (int round = 0; round < 3; round++) {
      Programs.sh(
          "cd $1; find . | wc -l; cat d*/f* >/dev/null; mkdir n; for i in d?; do :>n/$i; done",
          mnt);
      assertThat(overlay.nodes()).isGreaterThan(FILES);
      Programs.sh("rm -r $1/n", mnt);
      forgetAll();
      assertThat(overlay.nodes()).as("nodes left in round %d", round).isLessThan(10);
      assertThat(calls.openHandles()).isZero();
    }
  }

  /** A remount makes the kernel drop all that nobody uses, and send FORGET for it. */
  private void forgetAll() throws Exception {
    Programs.sh("mount -i -o remount,rw $1", mnt);
    for (int i = 0; i < 3000 && (overlay.nodes() >= 10 || calls.openHandles() > 0); i++) {
      Thread.sleep(20);
    }
  }

  /** A mapped file is an open file to the server; once unmapped it costs nothing any more. */
  @Test
  void issue378_manyMappedFiles_doNotUseUpDescriptors() throws Exception {
    int before = OpenDescriptors.count();
    String program =
        """
        import mmap, os, resource, sys
        os.chdir(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
        maps = []
        for i in range(2000):
            fd = os.open("d%d/f%d" % (i % 100, i), os.O_RDONLY)
            maps.append(mmap.mmap(fd, 0, mmap.MAP_SHARED, mmap.PROT_READ))
            os.close(fd)
        assert all(m[:7] == b"content" for m in maps)
        """;
    Programs.run(List.of("/usr/bin/env", "python3", "-c", program, mnt.toString()));
    for (int i = 0; i < 3000 && calls.openHandles() > 0; i++) {
      Thread.sleep(20);
    }
    assertThat(calls.of("open")).isGreaterThanOrEqualTo(FILES);
    assertThat(calls.openHandles()).isZero();
    // Directories may stay open, up to a bound of their own.
    assertThat(OpenDescriptors.count()).isLessThan(before + 300);
  }
}
