package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Layer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Extended attributes: namespaces, sizes, escaping. */
@RequiresFuse
@RequiresKernelOverlay
class MergedXattrTest {
  private TwoMounts mounts;

  @BeforeEach
  void mount(MountScratch scratch) throws Exception {
    Layer lower =
        Layer.builder()
            .dir("dir")
            .file("a", "data of a")
            .file("b", "data of b")
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
  void sizes_areLimitedByTheUpper() throws Exception {
    mounts.same(
        """
            for size in (100, 3500, 5000, 60000, 65536, 65537):
                result("set %d" % size, os.setxattr, "a", "user.v", b"v" * size)
                result("length", lambda: len(os.getxattr("a", "user.v")))
            result("longest name", os.setxattr, "b", "user." + "n" * 250, b"v")
            result("longer name", os.setxattr, "b", "user." + "n" * 251, b"v")
            """);
  }

  @Test
  void symlinksAndFifos_haveTrustedOnes() throws Exception {
    mounts.same(
        """
            for path in ("link", "fifo"):
                result("trusted", lambda: os.setxattr(path, "trusted.t", b"1", follow_symlinks=False))
                result("user", lambda: os.setxattr(path, "user.t", b"1", follow_symlinks=False))
                print(xattrs(path), os.getxattr(path, "trusted.t", follow_symlinks=False))
                result("remove", lambda: os.removexattr(path, "trusted.t", follow_symlinks=False))
                result("remove again", lambda: os.removexattr(path, "trusted.t", follow_symlinks=False))
                print(xattrs(path))
            """);
  }

  @Test
  void innerOverlaysAttributes_areEscaped() throws Exception {
    mounts.same(
        """
            names = ["trusted.overlay." + n for n in ("opaque", "overlay.opaque", "overlay.overlay.x", "whiteout", "", "overlay.")]
            names += ["trusted.overlay", "trusted.overlayx", "user.overlay.opaque"]
            for name in names:
                result("set " + name, os.setxattr, "dir", name, b"of " + name.encode())
                result("get", os.getxattr, "dir", name)
                print(xattrs("dir"))
            stored = os.listxattr(os.environ["UPPER"] + "/dir")
            print(sorted(n for n in stored if not n.endswith(("overlay.impure", "overlay.origin"))))
            for name in xattrs("dir"):
                result("remove " + name, os.removexattr, "dir", name)
            print(xattrs("dir"))
            """);
  }

  /** The kernel leaves the list to the filesystem, though it hides the values itself. */
  @Test
  void trustedOnes_areListedToRootAlone() throws Exception {
    String printed =
        mounts.same(
            """
            os.setxattr("a", "trusted.x", b"1")
            os.setxattr("a", "user.x", b"1")
            print(xattrs("a"))
            as_user(1000, 1000, lambda: print(xattrs("a")))
            """);
    assertThat(printed).endsWith("\n['user.x']");
  }

  @Test
  void flagsAndNamespaces_areThoseOfSetxattr() throws Exception {
    mounts.same(
        """
            result("create", os.setxattr, "a", "user.c", b"1", os.XATTR_CREATE)
            result("create again", os.setxattr, "a", "user.c", b"1", os.XATTR_CREATE)
            result("replace", os.setxattr, "a", "user.z", b"1", os.XATTR_REPLACE)
            result("remove absent", os.removexattr, "a", "user.none")
            for name in ("foo.bar", "user.", "trusted.", "security.foo"):
                result("set " + name, os.setxattr, "a", name, b"1")
                result("get " + name, os.getxattr, "a", name)
            def user():
                result("trusted", os.setxattr, "a", "trusted.x", b"1")
                result("not the owner", os.setxattr, "a", "user.x", b"1")
                print(xattrs("a"))
            as_user(1000, 1000, user)
            """);
  }
}
