package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Layer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** setuid, setgid and capabilities: what takes them away. */
@RequiresFuse
@RequiresKernelOverlay
class PrivilegeBitsTest {
  /** Defines {@code both}: does something to programs with such bits, of root and of others. */
  private static final String ON_EACH =
      """
      CAP = "security.capability"
      VALUE = struct.pack("<IIIII", 0x02000001, 0x400, 0, 0, 0)
      os.umask(0)
      def make(path, bits, owner):
          fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o777)
          os.write(fd, b"content")
          os.close(fd)
          os.chown(path, owner, owner)
          os.chmod(path, bits)
          os.setxattr(path, CAP, VALUE)
      def both(name, action):
          for bits in (0o6777, 0o2767, 0o4755):
              for owner in (0, 1000):
                  path = "%s-%o-%d" % (name, bits, owner)
                  make(path, bits, owner)
                  as_user(owner, owner, lambda: result(path, lambda: action(path) and None))
                  print(mode(path), xattrs(path))
      """;

  private TwoMounts mounts;

  @BeforeEach
  void mount(MountScratch scratch) throws Exception {
    Layer lower =
        Layer.builder()
            .file("a", "data of a")
            .file("suid", "s")
            .mode(04755)
            .file("sgid", "s")
            .mode(02777)
            .dir("sg")
            .mode(02777)
            .owner(0, 50)
            .file("sg/x", "x")
            .build();
    mounts = TwoMounts.over(scratch, lower);
  }

  @AfterEach
  void unmount() throws Exception {
    mounts.close();
  }

  @Test
  void writing_takesThemFromOrdinaryUsers() throws Exception {
    mounts.same(
        ON_EACH
            + """
            both("write", lambda p: write(p, b"x"))
            both("append", lambda p: write(p, b"x", os.O_WRONLY | os.O_APPEND))
            both("copy", lambda p: os.copy_file_range(os.open("a", os.O_RDONLY), os.open(p, os.O_WRONLY), 4))
            """);
  }

  @Test
  void resizing_takesThemFromOrdinaryUsers() throws Exception {
    mounts.same(
        ON_EACH
            + """
            both("truncate", lambda p: os.truncate(p, 1))
            both("reopen", lambda p: write(p, b"", os.O_WRONLY | os.O_TRUNC))
            both("allocate", lambda p: fallocate(os.open(p, os.O_RDWR), 0, 0, 9000))
            both("punch", lambda p: fallocate(os.open(p, os.O_RDWR), PUNCH | KEEP, 0, 4096))
            """);
  }

  @Test
  void chmodAndTimes_keepThem() throws Exception {
    mounts.same(
        ON_EACH
            + """
            both("chmod", lambda p: os.chmod(p, 0o6777))
            both("utime", lambda p: os.utime(p))
            """);
  }

  @Test
  void chown_takesThem() throws Exception {
    String printed =
        mounts.same(
            ON_EACH
                + """

            make("f", 0o6777, 0)
            os.chown("f", 0, 7)
            print(mode("f"), xattrs("f"))
            os.chown("suid", 5, 5)
            print(mode("suid"))
            as_user(1000, 1000, lambda: write("sgid", b"x"))
            print(mode("sgid"))
            """);
    assertThat(printed)
        .isEqualTo(
            """
            100777 0:7 []
            100755 5:5
            100777 0:0
            """
                .strip());
  }

  @Test
  void setgidDirectory_givesItsGroup() throws Exception {
    mounts.same(
        ON_EACH
            + """

            def show(path):
                print(path, mode(path))
            def stranger():
                os.mkdir("sg/d")
                os.mkdir("sg/d/e")
                os.close(os.open("sg/f", os.O_CREAT | os.O_WRONLY, 0o2777))
                os.mknod("sg/p", 0o2777 | stat.S_IFIFO)
                os.symlink("a", "sg/s")
                for name in ("d", "d/e", "f", "p", "s"):
                    show("sg/" + name)
                result("chmod", os.chmod, "sg/f", 0o2777)
                show("sg/f")
                os.unlink("sg/x")
                os.close(os.open("sg/x", os.O_CREAT | os.O_WRONLY, 0o2777))
                show("sg/x")
            def member():
                os.close(os.open("sg/g", os.O_CREAT | os.O_WRONLY, 0o2777))
                os.mkdir("sg/gd", 0o2777)
                show("sg/g")
                show("sg/gd")
            os.chmod("sg", 0o3777 & ~0o1000)
            as_user(1000, 1000, stranger)
            as_user(1001, 1001, member, (50,))
            """);
  }
}
