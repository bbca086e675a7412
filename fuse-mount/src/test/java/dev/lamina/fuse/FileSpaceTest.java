package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Layer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Holes, fallocate and copies inside the mount. */
@RequiresFuse
@RequiresKernelOverlay
class FileSpaceTest {
  private TwoMounts mounts;

  @BeforeEach
  void mount(MountScratch scratch) throws Exception {
    Layer lower =
        Layer.builder()
            .file("a", "data of a")
            .file("b", "data of b")
            .file("big", "x".repeat(300_000))
            .file("ro", "read only")
            .mode(0444)
            .build();
    mounts = TwoMounts.over(scratch, lower);
  }

  @AfterEach
  void unmount() throws Exception {
    mounts.close();
  }

  @Test
  @NotOverLibfuse("the protocol that it speaks has no lseek, so nobody sees holes")
  void allocation_isThatOfTheUpper() throws Exception {
    mounts.same(
        """
            fd = os.open("a", os.O_RDWR)
            os.ftruncate(fd, 1 << 20)
            os.pwrite(fd, b"end", 1 << 19)
            print(extents("a"))
            for name, how in dict(keep=KEEP, punch=PUNCH | KEEP, zero=ZERO, zerokeep=ZERO | KEEP, plain=0, bad=PUNCH, unknown=128).items():
                result(name, fallocate, fd, how, 4096, 8192)
                print(os.fstat(fd).st_size, extents("a"))
            """);
  }

  @Test
  @NotOverLibfuse("the protocol that it speaks has no lseek, so nobody sees holes")
  void holePunchedIntoPromotedFile_isAHole() throws Exception {
    String printed =
        mounts.same(
            """
            fd = os.open("big", os.O_RDWR)
            result("punch", fallocate, fd, PUNCH | KEEP, 4096 * 10, 4096 * 20)
            print(extents("big"))
            result("hole", os.lseek, fd, 0, os.SEEK_HOLE)
            result("past the end", os.lseek, fd, 1 << 30, os.SEEK_DATA)
            """);
    assertThat(printed)
        .isEqualTo(
            """
            punch -> ok
            [(0, 40960), (122880, 300000)]
            hole -> 40960
            past the end -> ENXIO
            """
                .strip());
  }

  @Test
  void collapseAndInsert_areNotForFuse() throws Exception {
    String printed =
        mounts.onOurs(
            """
            fd = os.open("big", os.O_RDWR)
            result("collapse", fallocate, fd, COLLAPSE, 0, 4096)
            result("insert", fallocate, fd, INSERT, 0, 4096)
            print(os.fstat(fd).st_size)
            """);
    assertThat(printed)
        .isEqualTo(
            """
            collapse -> ENOTSUP
            insert -> ENOTSUP
            300000
            """
                .strip());
  }

  @Test
  void copyFileRangeBetweenLowers_promotesTheTargetAlone() throws Exception {
    String printed =
        mounts.same(
            """
            source = os.open("a", os.O_RDONLY)
            target = os.open("b", os.O_WRONLY)
            result("copy", os.copy_file_range, source, target, 4, 0, 5)
            result("into a reader", os.copy_file_range, target, source, 4, 0, 0)
            print(read("b"), sorted(os.listdir(os.environ["UPPER"])))
            """);
    assertThat(printed)
        .isEqualTo(
            """
            copy -> 4
            into a reader -> EBADF
            b'data data' ['b']
            """
                .strip());
  }

  @Test
  void clone_isNotForFuse() throws Exception {
    String printed =
        mounts.onOurs(
            """
            source = os.open("a", os.O_RDONLY)
            target = os.open("b", os.O_RDWR)
            result("clone", fcntl.ioctl, target, 0x40049409, source)
            print(read("b"))
            """);
    assertThat(printed)
        .isEqualTo(
            """
            clone -> ENOTSUP
            b'data of b'
            """
                .strip());
  }
}
