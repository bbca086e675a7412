package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Layer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** chattr, fs-verity and other ioctls. */
@RequiresFuse
@RequiresKernelOverlay
class InodeFlagsTest {
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
            .fifo("fifo")
            .symlink("link", "a")
            .build();
    mounts = TwoMounts.over(scratch, lower);
  }

  @AfterEach
  void unmount() throws Exception {
    mounts.close();
  }

  @Test
  void flags_areThoseOfTheLayer() throws Exception {
    mounts.same(
        """
            for path in ("a", "dir", "link"):
                result("get " + path, flags, path)
            result("set", flags, "a", 0x80080)
            print(hex(flags("a")), sorted(os.listdir(os.environ["UPPER"])))
            buffer = bytearray(28)
            fd = os.open("b", os.O_RDONLY)
            result("fsgetxattr", fcntl.ioctl, fd, 0x801C581F, buffer)
            struct.pack_into("I", buffer, 0, 0x40)
            result("fssetxattr", fcntl.ioctl, fd, 0x401C5820, bytes(buffer))
            print(hex(flags("b")))
            """);
  }

  @Test
  void immutableFile_refusesChanges() throws Exception {
    mounts.same(
        """
            result("set", flags, "b", 0x80010)
            result("open", os.open, "b", os.O_WRONLY)
            result("unlink", os.unlink, "b")
            result("chmod", os.chmod, "b", 0o600)
            result("chown", os.chown, "b", 1, 1)
            result("rename", os.rename, "b", "bb")
            result("rename over", os.rename, "a", "b")
            result("link", os.link, "b", "bb")
            result("truncate", os.truncate, "b", 0)
            result("setxattr", os.setxattr, "b", "user.x", b"1")
            result("utime", os.utime, "b", (1, 1))
            print(hex(flags("b")))
            result("unset", flags, "b", 0x80000)
            result("open", lambda: os.close(os.open("b", os.O_WRONLY)))
            """);
  }

  @Test
  void immutableLowerFile_refusesChanges() throws Exception {
    mounts.same(
        """
            lower = os.environ["LOWER"] + "/b"
            flags(lower, 0x80010)
            try:
                result("open", os.open, "b", os.O_WRONLY)
                result("unlink", os.unlink, "b")
                result("chmod", os.chmod, "b", 0o600)
                result("rename", os.rename, "b", "bb")
                result("link", os.link, "b", "bb")
                print(read("b"))
            finally:
                flags(lower, 0x80000)
            """);
  }

  @Test
  void appendOnlyFile_takesAppendsAlone() throws Exception {
    mounts.same(
        """
            result("set", flags, "c", 0x80020)
            result("write", os.open, "c", os.O_WRONLY)
            result("append", lambda: write("c", b"more", os.O_WRONLY | os.O_APPEND))
            result("truncate", os.truncate, "c", 0)
            result("unlink", os.unlink, "c")
            result("rename", os.rename, "c", "cc")
            result("chmod", os.chmod, "c", 0o600)
            print(read("c"))
            flags("c", 0x80000)
            """);
  }

  @Test
  @NotOverLibfuse("the protocol that it speaks has no O_TMPFILE")
  void immutableDirectory_takesNoNames() throws Exception {
    mounts.same(
        """
            result("set", flags, "dir", 0x80010)
            result("create", os.open, "dir/new", os.O_CREAT)
            result("mkdir", os.mkdir, "dir/new")
            result("unlink", os.unlink, "dir/f")
            result("tmpfile", os.open, "dir", os.O_TMPFILE | os.O_RDWR)
            flags("dir", 0x80000)
            result("create", lambda: os.close(os.open("dir/new", os.O_CREAT)))
            """);
  }

  @Test
  void flagsOfOrdinaryUser_areRefused() throws Exception {
    mounts.same(
        """
            def user():
                result("set", flags, "b", 0x80010)
                result("get", flags, "b")
            as_user(1000, 1000, user)
            """);
  }

  @Test
  void otherIoctls_areNotThere() throws Exception {
    mounts.same(
        """
            fd = os.open("a", os.O_RDONLY)
            result("terminal", fcntl.ioctl, fd, 0x5401, bytes(64))
            result("trim", fcntl.ioctl, fd, 0xC0185879, bytes(24))
            result("version", fcntl.ioctl, fd, 0x80087601, bytes(8))
            result("label", fcntl.ioctl, fd, 0x81009431, bytes(256))
            result("unknown", fcntl.ioctl, fd, 0x12345, bytes(8))
            result("directory", fcntl.ioctl, os.open("dir", os.O_RDONLY), 0x5401, bytes(64))
            """);
  }

  @Test
  void verityWhereTheUpperHasNone_isNotThere() throws Exception {
    String printed =
        mounts.same(
            """
            fd = os.open("a", os.O_RDONLY)
            result("measure", fcntl.ioctl, fd, 0xC0046686, struct.pack("HH", 0, 64) + bytes(64))
            enable = struct.pack("IIIIQII", 1, 1, 4096, 0, 0, 0, 0) + bytes(96)
            result("enable", fcntl.ioctl, fd, 0x40806685, enable)
            """);
    assertThat(printed)
        .isEqualTo(
            """
            measure -> ENOTTY
            enable -> ENOTTY
            """
                .strip());
  }
}
