package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Layer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Locks, leases and notification between processes. */
@RequiresFuse
@RequiresKernelOverlay
class FileLockTest {
  private TwoMounts mounts;

  @BeforeEach
  void mount(MountScratch scratch) throws Exception {
    Layer lower =
        Layer.builder()
            .file("a", "data of a")
            .file("b", "data of b")
            .file("c", "data of c")
            .file("d", "data of d")
            .build();
    mounts = TwoMounts.over(scratch, lower);
  }

  @AfterEach
  void unmount() throws Exception {
    mounts.close();
  }

  @Test
  void flock_excludesOtherProcesses() throws Exception {
    String printed =
        mounts.same(
            """
            fd = os.open("a", os.O_RDWR)
            fcntl.flock(fd, fcntl.LOCK_EX)
            other = lambda: result("other", fcntl.flock, os.open("a", os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
            child(other)
            fcntl.flock(fd, fcntl.LOCK_UN)
            child(other)
            """);
    assertThat(printed)
        .isEqualTo(
            """
            other -> EAGAIN
            other -> ok
            """
                .strip());
  }

  @Test
  void flock_holdsOverPromotion() throws Exception {
    String printed =
        mounts.same(
            """
            fd = os.open("b", os.O_RDONLY)
            fcntl.flock(fd, fcntl.LOCK_EX)
            write("b", b"x")
            child(lambda: result("other", fcntl.flock, os.open("b", os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB))
            """);
    assertThat(printed)
        .isEqualTo(
            """
            other -> EAGAIN
            """
                .strip());
  }

  @Test
  void recordLock_excludesItsRangeAlone() throws Exception {
    String printed =
        mounts.same(
            """
            fd = os.open("a", os.O_RDWR)
            fcntl.lockf(fd, fcntl.LOCK_EX, 10, 0)
            def other(start):
                result(str(start), fcntl.lockf, os.open("a", os.O_RDWR), fcntl.LOCK_EX | fcntl.LOCK_NB, 5, start)
            child(lambda: other(5))
            child(lambda: other(10))
            """);
    assertThat(printed)
        .isEqualTo(
            """
            5 -> EAGAIN
            10 -> ok
            """
                .strip());
  }

  @Test
  void lease_isAnsweredAsByTheKernel() throws Exception {
    mounts.same(
        """
            signal.signal(signal.SIGIO, signal.SIG_IGN)
            fd = os.open("c", os.O_RDONLY)
            result("read lease", fcntl.fcntl, fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            result("held", fcntl.fcntl, fd, fcntl.F_GETLEASE)
            result("given back", fcntl.fcntl, fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
            result("write lease", fcntl.fcntl, fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            """);
  }

  @Test
  void inotify_tellsOfChanges() throws Exception {
    mounts.same(
        """
            watch = libc.inotify_init1(os.O_NONBLOCK)
            libc.inotify_add_watch(watch, b".", 0xfff)
            libc.inotify_add_watch(watch, b"a", 0xfff)
            write("a", b"1")
            os.chmod("b", 0o600)
            os.rename("b", "bb")
            os.unlink("c")
            os.mkdir("e")
            os.link("a", "f")
            data, at = os.read(watch, 65536), 0
            while at < len(data):
                descriptor, mask, cookie, length = struct.unpack_from("iIII", data, at)
                print(descriptor, hex(mask), data[at + 16 : at + 16 + length].rstrip(b"\\\\0"))
                at += 16 + length
            """);
  }
}
