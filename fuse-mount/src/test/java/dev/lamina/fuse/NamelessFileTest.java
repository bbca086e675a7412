package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Layer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** O_TMPFILE, and links by descriptor. */
@RequiresFuse
@RequiresKernelOverlay
class NamelessFileTest {
  private TwoMounts mounts;

  @BeforeEach
  void mount(MountScratch scratch) throws Exception {
    Layer lower =
        Layer.builder()
            .dir("dir")
            .file("dir/f", "old")
            .file("dir/g", "old")
            .file("e", "e")
            .dir("sg")
            .mode(02777)
            .owner(0, 50)
            .dir("acl")
            .build();
    mounts = TwoMounts.over(scratch, lower);
  }

  @AfterEach
  void unmount() throws Exception {
    mounts.close();
  }

  @Test
  @NotOverLibfuse("the protocol that it speaks has no O_TMPFILE")
  void tmpfile_isNamelessUntilLinked() throws Exception {
    String printed =
        mounts.same(
            """
            fd = os.open("dir", os.O_TMPFILE | os.O_RDWR, 0o640)
            os.write(fd, b"nameless")
            print("%o" % os.fstat(fd).st_mode, os.fstat(fd).st_nlink, os.fstat(fd).st_size)
            link_fd(fd, "dir/named")
            print(os.fstat(fd).st_nlink, read("dir/named"))
            print(os.stat("dir/named").st_ino == os.fstat(fd).st_ino)
            link_fd(fd, "dir/second")
            print(os.fstat(fd).st_nlink, sorted(os.listdir("dir")))
            os.unlink("dir/named")
            os.unlink("dir/second")
            print(os.fstat(fd).st_nlink)
            result("link again", link_fd, fd, "dir/third")
            """);
    assertThat(printed)
        .isEqualTo(
            """
            100640 0 8
            1 b'nameless'
            True
            2 ['f', 'g', 'named', 'second']
            0
            link again -> ENOENT
            """
                .strip());
  }

  @Test
  @NotOverLibfuse("the protocol that it speaks has no O_TMPFILE")
  void tmpfileOverWhiteout_appears() throws Exception {
    String printed =
        mounts.same(
            """
            os.unlink("dir/g")
            fd = os.open("dir", os.O_TMPFILE | os.O_WRONLY, 0o644)
            os.write(fd, b"new")
            result("over a name", link_fd, fd, "dir/f")
            result("over a whiteout", link_fd, fd, "dir/g")
            print(read("dir/g"), sorted(os.listdir("dir")))
            """);
    assertThat(printed)
        .isEqualTo(
            """
            over a name -> EEXIST
            over a whiteout -> ok
            b'new' ['f', 'g']
            """
                .strip());
  }

  @Test
  @NotOverLibfuse("the protocol that it speaks has no O_TMPFILE")
  void tmpfileExclusive_cannotBeLinked() throws Exception {
    mounts.same(
        """
            fd = os.open("dir", os.O_TMPFILE | os.O_RDWR | os.O_EXCL, 0o640)
            result("link", link_fd, fd, "dir/named")
            result("for reading", os.open, "dir", os.O_TMPFILE | os.O_RDONLY)
            """);
  }

  @Test
  @NotOverLibfuse("the protocol that it speaks has no O_TMPFILE")
  void tmpfile_inheritsGroupAndAcl() throws Exception {
    mounts.same(
        """
            def user():
                fd = os.open("sg", os.O_TMPFILE | os.O_RDWR, 0o2777)
                link_fd(fd, "sg/u")
                print(mode("sg/u"))
            as_user(1000, 1000, user)
            entries = (USER_OBJ, 7, None), (USER, 7, 1234), (GROUP_OBJ, 5, None), (MASK, 7, None), (OTHER, 0, None)
            os.setxattr("acl", DEFAULT, acl(*entries))
            fd = os.open("acl", os.O_TMPFILE | os.O_RDWR, 0o666)
            link_fd(fd, "acl/t")
            print(mode("acl/t"), xattrs("acl/t"), os.getxattr("acl/t", ACCESS))
            """);
  }

  @Test
  void linkOfUnlinkedFile_isRefused() throws Exception {
    String printed =
        mounts.same(
            """
            fd = os.open("e", os.O_RDONLY)
            os.unlink("e")
            result("of a lower", link_fd, fd, "e2")
            fd = os.open("n", os.O_RDWR | os.O_CREAT)
            os.unlink("n")
            result("of an upper", link_fd, fd, "n2")
            """);
    assertThat(printed)
        .isEqualTo(
            """
            of a lower -> ENOENT
            of an upper -> ENOENT
            """
                .strip());
  }
}
