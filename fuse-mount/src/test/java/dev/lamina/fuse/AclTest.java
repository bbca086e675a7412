package dev.lamina.fuse;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Layer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** POSIX ACLs: inheritance, umask, mask and mode. */
@RequiresFuse
@RequiresKernelOverlay
class AclTest {
  /** Defines {@code show}: prints the ACLs of a path. */
  private static final String SHOW =
      """
      def show(path):
          values = []
          for name in (ACCESS, DEFAULT):
              try:
                  values.append(os.getxattr(path, name).hex())
              except OSError as e:
                  values.append(errno.errorcode[e.errno])
          print(path, mode(path), values)
      """;

  private TwoMounts mounts;

  @BeforeEach
  void mount(MountScratch scratch) throws Exception {
    Layer lower =
        Layer.builder()
            .dir("acl")
            .file("acl/x", "x")
            .dir("dir")
            .file("dir/f", "f")
            .file("a", "data of a")
            .file("sgid", "s")
            .mode(02755)
            .owner(1000, 2000)
            .build();
    mounts = TwoMounts.over(scratch, lower);
  }

  @AfterEach
  void unmount() throws Exception {
    mounts.close();
  }

  @Test
  void defaultAcl_isInheritedWhateverTheUmask() throws Exception {
    mounts.same(
        SHOW
            + """
            os.umask(0o077)
            entries = (USER_OBJ, 7, None), (USER, 6, 1234), (GROUP_OBJ, 5, None), (MASK, 7, None), (OTHER, 4, None)
            os.setxattr("acl", DEFAULT, acl(*entries))
            show("acl")
            os.mkdir("acl/d")
            show("acl/d")
            os.close(os.open("acl/n", os.O_CREAT | os.O_WRONLY, 0o666))
            show("acl/n")
            os.mknod("acl/p", stat.S_IFIFO | 0o666)
            show("acl/p")
            os.symlink("x", "acl/s")
            print(mode("acl/s"))
            os.removexattr("acl", DEFAULT)
            show("acl")
            """);
  }

  @Test
  void defaultAclOverWhiteout_isInherited() throws Exception {
    mounts.same(
        SHOW
            + """
            os.umask(0o077)
            entries = (USER_OBJ, 7, None), (USER, 6, 1234), (GROUP_OBJ, 5, None), (MASK, 7, None), (OTHER, 4, None)
            os.setxattr("acl", DEFAULT, acl(*entries))
            os.unlink("acl/x")
            os.close(os.open("acl/x", os.O_CREAT | os.O_WRONLY, 0o666))
            show("acl/x")
            os.unlink("acl/x")
            os.mkdir("acl/x", 0o777)
            show("acl/x")
            os.rmdir("acl/x")
            os.mknod("acl/x", stat.S_IFSOCK | 0o777)
            show("acl/x")
            os.unlink("acl/x")
            os.symlink("y", "acl/x")
            print(mode("acl/x"))
            """);
  }

  @Test
  @NotOverLibfuse("the kernel goes by the mode alone")
  void accessAcl_decidesAndFollowsTheMode() throws Exception {
    mounts.same(
        SHOW
            + """
            entries = (USER_OBJ, 6, None), (USER, 4, 1234), (GROUP_OBJ, 0, None), (MASK, 4, None), (OTHER, 0, None)
            os.setxattr("a", ACCESS, acl(*entries))
            show("a")
            as_user(1234, 1234, lambda: (result("read", read, "a"), result("write", write, "a", b"x")))
            as_user(1235, 1235, lambda: result("read", read, "a"))
            os.chmod("a", 0o600)
            show("a")
            as_user(1234, 1234, lambda: result("read", read, "a"))
            os.chmod("a", 0o664)
            show("a")
            os.setxattr("a", ACCESS, acl((USER_OBJ, 6, None), (GROUP_OBJ, 4, None), (OTHER, 4, None)))
            show("a")
            result("remove the default", os.removexattr, "acl", DEFAULT)
            result("invalid", os.setxattr, "a", ACCESS, b"x")
            result("default of a file", os.setxattr, "a", DEFAULT, acl((USER_OBJ, 7, None), (GROUP_OBJ, 5, None), (OTHER, 0, None)))
            """);
  }

  @Test
  void aclByNonMember_clearsSetgid() throws Exception {
    mounts.same(
        SHOW
            + """
            def user():
                entries = (USER_OBJ, 6, None), (GROUP_OBJ, 5, None), (OTHER, 0, None)
                result("set", os.setxattr, "sgid", ACCESS, acl(*entries))
                print(mode("sgid"))
            as_user(1000, 1000, user)
            """);
  }
}
