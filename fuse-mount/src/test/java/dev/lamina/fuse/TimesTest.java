package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Layer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Times: range, exactness, access times, birth. */
@RequiresFuse
@RequiresKernelOverlay
class TimesTest {
  private TwoMounts mounts;

  @BeforeEach
  void mount(MountScratch scratch) throws Exception {
    Layer lower =
        Layer.builder()
            .dir("dir")
            .file("dir/f", "f")
            .file("a", "data of a")
            .file("b", "data of b")
            .file("c", "data of c")
            .symlink("link", "a")
            .build();
    mounts = TwoMounts.over(scratch, lower);
  }

  @AfterEach
  void unmount() throws Exception {
    mounts.close();
  }

  @Test
  void times_keepNanosecondsAndRange() throws Exception {
    mounts.same(
        """
            for t in (0, 1, -1, -2 * 10**18 - 1, 1_700_000_000_123_456_789, 2**31 * 10**9 + 5, 2**33 * 10**9 + 999_999_999, 2**34 * 10**9):
                result("utime", lambda: os.utime("a", ns=(t, t + 7)))
                s = os.stat("a")
                print(t, s.st_atime_ns, s.st_mtime_ns)
            os.utime("link", ns=(-5, 11), follow_symlinks=False)
            print(os.lstat("link").st_atime_ns, os.lstat("link").st_mtime_ns)
            os.utime("dir", ns=(3, 4))
            print(os.stat("dir").st_atime_ns, os.stat("dir").st_mtime_ns)
            """);
  }

  @Test
  void accessTime_movesWithRelatimeInTheUpperAlone() throws Exception {
    String printed =
        mounts.same(
            """
            os.utime("b", ns=(10**18, 2 * 10**18))
            read("b")
            print(os.stat("b").st_atime_ns != 10**18)
            before = os.stat("c").st_atime_ns
            read("c")
            print(os.stat("c").st_atime_ns == before)
            """);
    assertThat(printed)
        .isEqualTo(
            """
            True
            True
            """
                .strip());
  }

  @Test
  void promotion_keepsTheTimes() throws Exception {
    String printed =
        mounts.same(
            """
            before = os.stat("a")
            os.chmod("a", 0o600)
            after = os.stat("a")
            print(before.st_mtime_ns == after.st_mtime_ns, before.st_ctime_ns != after.st_ctime_ns)
            before = os.stat("dir").st_mtime_ns
            write("dir/f", b"x")
            print(os.stat("dir").st_mtime_ns == before, os.stat("dir/f").st_mtime_ns != 500_000_000 * 10**9)
            """);
    assertThat(printed)
        .isEqualTo(
            """
            True True
            True True
            """
                .strip());
  }

  @Test
  @NotOverLibfuse("the protocol that it speaks has no birth time")
  void birthTime_isThere() throws Exception {
    String printed =
        mounts.same(
            """
            print(subprocess.check_output(["stat", "-c", "%W", "a"]) != b"0\\n")
            start = int(time.time()) - 1
            os.close(os.open("new", os.O_CREAT))
            print(int(subprocess.check_output(["stat", "-c", "%W", "new"])) >= start)
            """);
    assertThat(printed)
        .isEqualTo(
            """
            True
            True
            """
                .strip());
  }
}
