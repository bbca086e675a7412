package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.MountTable;
import dev.lamina.linux.Mounts;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.Caller;
import dev.lamina.overlay.InodeFileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ends that a mount can come to. */
@RequiresFuse
class UnmountTest {
  /** Nobody who takes that long is idle. */
  private static final Duration GRACE = Duration.ofMinutes(1);

  /** All of it passes where somebody is at work. */
  private static final Duration GRACE_OF_THE_BUSY = Duration.ofMillis(300);

  @Test
  void close_unmountsGivesEverythingBackAndMayBeRepeated(MountScratch scratch) throws Exception {
    try (Mounted mounted = new Mounted(scratch)) {
      mounted.use();
      // libfuse gives back what it looks up at once.
      if (TestMounts.TRANSPORT == Transport.KERNEL) {
        assertThat(mounted.fileSystem.heldNodes()).isPositive();
      }
      mounted.mount.close();
      assertThat(mounted.isMounted()).isFalse();
      assertThat(mounted.mount.isLive()).isFalse();
      mounted.assertNothingHeld();
      mounted.mount.close();
      assertThat(Files.readString(mounted.source.resolve("f"))).isEqualTo("content");
      assertThat(mounted.target).isEmptyDirectory();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"umount \"$1\"", "umount -l \"$1\"", "fusermount3 -u \"$1\""})
  void unmountFromOutside_endsTheMount(String command, MountScratch scratch) throws Exception {
    try (Mounted mounted = new Mounted(scratch)) {
      mounted.use();
      Programs.sh(command, mounted.target);
      mounted.mount.awaitUnmount();
      assertThat(mounted.isMounted()).isFalse();
      mounted.assertNothingHeld();
      assertThat(mounted.mount.ended().toCompletableFuture()).isCompleted();
    }
  }

  @Test
  void lazyUnmount_servesWhatIsOpenUntilItIsClosed(MountScratch scratch) throws Exception {
    try (Mounted mounted = new Mounted(scratch)) {
      mounted.use();
      int fd = mounted.open("f", OpenFlags.O_RDWR);
      Mounts.unmount(mounted.target.toString(), Mounts.MNT_DETACH);
      NativeMemory memory = NativeMemory.allocate(16);
      assertThat(Fd.pwrite(fd, memory, 0, 16, 1 << 20)).isEqualTo(16);
      assertThat(mounted.mount.isLive()).isTrue();
      Fd.close(fd);
      mounted.mount.awaitUnmount();
      mounted.assertNothingHeld();
      assertThat(Files.size(mounted.source.resolve("f"))).isEqualTo((1 << 20) + 16);
    }
  }

  @Test
  void close_whileBusy_detachesAndFailsWhatIsOpen(MountScratch scratch) throws Exception {
    try (Mounted mounted = new Mounted(scratch, false, GRACE_OF_THE_BUSY)) {
      mounted.use();
      int fd = mounted.open("f", OpenFlags.O_RDONLY | OpenFlags.O_DIRECT);
      mounted.mount.close();
      assertThat(mounted.isMounted()).isFalse();
      NativeMemory memory = NativeMemory.allocatePageAligned(4096);
      assertThatThrownBy(() -> Fd.pread(fd, memory, 0, 4096, 0))
          .isInstanceOfSatisfying(
              ErrnoException.class,
              e -> assertThat(e.errno()).isIn(Errno.ENOTCONN, Errno.ECONNABORTED));
      Fd.close(fd);
      mounted.mount.awaitUnmount();
      mounted.assertNothingHeld();
    }
  }

  @Test
  void close_whileARequestHangs_returnsAndFailsTheProgram(MountScratch scratch) throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch proceed = new CountDownLatch(1);
    Path source = scratch.directory("source");
    Files.writeString(source.resolve("f"), "content");
    try (LoopbackFileSystem hanging =
        new LoopbackFileSystem(source) {
          @Override
          public int read(long handle, NativeMemory memory, int at, int size, long offset)
              throws ErrnoException {
            inside.countDown();
            awaitQuietly(proceed);
            return super.read(handle, memory, at, size, offset);
          }
        }) {
      FuseMount mount =
          TestMounts.of(hanging)
              .on(scratch.directory("target"))
              .closeGrace(GRACE_OF_THE_BUSY)
              .mount();
      AtomicReference<Throwable> outcome = new AtomicReference<>();
      Thread reader =
          new Thread(
              () -> {
                try {
                  Files.readString(mount.mountPoint().resolve("f"));
                } catch (Throwable e) {
                  outcome.set(e);
                }
              });
      reader.start();
      inside.await();
      mount.close();
      // The program is free although its request still hangs.
      reader.join();
      assertThat(outcome.get()).isNotNull();
      assertThat(MountTable.at(mount.mountPoint())).isEmpty();
      proceed.countDown();
      mount.awaitUnmount();
      assertThat(hanging.openHandles()).isZero();
    }
  }

  @Test
  void close_onAWorkersThread_isRefused(MountScratch scratch) throws Exception {
    AtomicReference<FuseMount> self = new AtomicReference<>();
    AtomicReference<Throwable> refusal = new AtomicReference<>();
    try (LoopbackFileSystem closing =
            new LoopbackFileSystem(scratch.directory("source")) {
              @Override
              public void rmdir(Caller caller, long parent, Name name) throws ErrnoException {
                try {
                  self.get().close();
                } catch (IllegalStateException e) {
                  refusal.set(e);
                }
                super.rmdir(caller, parent, name);
              }
            };
        FuseMount mount = TestMounts.of(closing).on(scratch.directory("target")).mount()) {
      self.set(mount);
      Files.delete(Files.createDirectory(mount.mountPoint().resolve("d")));
      assertThat(refusal.get()).hasMessageContaining("cannot be closed from a request");
      assertThat(mount.isLive()).isTrue();
    }
  }

  @Test
  void bugInTheFilesystem_isEioForOneAndTheOthersGoOn(MountScratch scratch) throws Exception {
    try (LoopbackFileSystem broken =
            new LoopbackFileSystem(scratch.directory("source")) {
              @Override
              public void rmdir(Caller caller, long parent, Name name) {
                throw new IllegalStateException("a bug, thrown on purpose by a test");
              }
            };
        FuseMount mount = TestMounts.of(broken).on(scratch.directory("target")).mount()) {
      Path directory = Files.createDirectory(mount.mountPoint().resolve("d"));
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> Files.delete(directory)).hasMessageContaining("Input/output");
      }
      assertThat(directory).isEmptyDirectory();
    }
  }

  @Test
  void manyMounts_inOneProcess_areIndependent(MountScratch scratch) throws Exception {
    try (Mounted first = new Mounted(scratch);
        LoopbackFileSystem other = new LoopbackFileSystem(scratch.directory("other"));
        FuseMount second = TestMounts.of(other).on(scratch.directory("second")).mount()) {
      first.use();
      Files.writeString(second.mountPoint().resolve("g"), "second");
      first.mount.close();
      assertThat(Files.readString(second.mountPoint().resolve("g"))).isEqualTo("second");
    }
  }

  @Test
  void close_afterUnmountFromOutside_sparesTheNextMountThere(MountScratch scratch)
      throws Exception {
    try (Mounted first = new Mounted(scratch)) {
      Programs.sh("umount \"$1\"", first.target);
      first.mount.awaitUnmount();
      try (LoopbackFileSystem other = new LoopbackFileSystem(scratch.directory("other"));
          FuseMount second = TestMounts.of(other).on(first.target).mount()) {
        first.mount.close();
        Files.writeString(second.mountPoint().resolve("g"), "second");
        assertThat(scratch.root().resolve("other/g")).hasContent("second");
      }
    }
  }

  @Test
  void abortFromOutside_endsTheMountAndCloseTakesItAway(MountScratch scratch) throws Exception {
    try (Mounted mounted = new Mounted(scratch)) {
      int fd = mounted.open("f", OpenFlags.O_RDONLY);
      // Aborts the connection, and cannot unmount as the file is open.
      assertThatThrownBy(() -> Mounts.unmount(mounted.target.toString(), Mounts.MNT_FORCE))
          .isInstanceOf(ErrnoException.class);
      mounted.mount.awaitUnmount();
      mounted.assertNothingHeld();
      assertThat(mounted.isMounted()).isTrue();
      Fd.close(fd);
      mounted.mount.close();
      assertThat(mounted.isMounted()).isFalse();
    }
  }

  @Test
  void readOnlyMount_refusesChangesInTheKernel(MountScratch scratch) throws Exception {
    try (Mounted mounted = new Mounted(scratch, true, GRACE)) {
      assertThat(Files.readString(mounted.target.resolve("f"))).isEqualTo("content");
      assertThatThrownBy(() -> Files.writeString(mounted.target.resolve("g"), ""))
          .hasMessageContaining("Read-only");
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A mount whose filesystem outlives it, so that what it gave back can be looked at. */
  private static final class Mounted implements AutoCloseable {
    final Path source;
    final Path target;
    final LoopbackFileSystem fileSystem;
    final FuseMount mount;

    Mounted(MountScratch scratch) throws Exception {
      this(scratch, false, GRACE);
    }

    Mounted(MountScratch scratch, boolean readOnly, Duration grace) throws Exception {
      source = scratch.directory("source");
      target = scratch.directory("target");
      Files.writeString(source.resolve("f"), "content");
      fileSystem = new LoopbackFileSystem(source);
      mount = TestMounts.of(fileSystem).on(target).readOnly(readOnly).closeGrace(grace).mount();
    }

    void use() throws Exception {
      assertThat(Files.readString(target.resolve("f"))).isEqualTo("content");
      Files.createDirectory(target.resolve("d"));
      try (var listing = Files.list(target)) {
        assertThat(listing).hasSize(2);
      }
    }

    int open(String name, int flags) throws ErrnoException {
      return At.open(At.FDCWD, Name.of(target.resolve(name).toString()), flags, 0);
    }

    boolean isMounted() throws Exception {
      return MountTable.at(target).isPresent();
    }

    void assertNothingHeld() throws ErrnoException {
      assertThat(fileSystem.heldNodes()).isZero();
      assertThat(fileSystem.openHandles()).isZero();
      fileSystem.getattr(InodeFileSystem.ROOT, new Stat());
    }

    @Override
    public void close() {
      mount.close();
      fileSystem.close();
    }
  }
}
