package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFileSystems;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.mount.ScratchFileSystem;
import dev.lamina.fixtures.tree.Layer;
import dev.lamina.overlay.OverlayOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** As {@link ComplaintsOnDataTest}: names, inodes, layers. */
@RequiresFuse
@SuppressWarnings("try") // mounts are used by being there
class ComplaintsOnNamesTest {
  private Path lower;
  private Path top;
  private Path upper;
  private Path work;
  private Path mnt;

  @BeforeEach
  void makeLayers(MountScratch scratch) throws Exception {
    lower = scratch.directory("lower");
    top = scratch.directory("top");
    upper = scratch.directory("upper");
    work = scratch.directory("work");
    mnt = scratch.directory("mnt");
    Files.writeString(Files.createDirectory(lower.resolve("d")).resolve("f"), "below");
    Files.writeString(lower.resolve("f"), "below");
  }

  private OverlayOptions.Builder options() {
    return OverlayOptions.builder().addLower(top).addLower(lower).writable(upper, work);
  }

  private UnionMount mount() throws Exception {
    return UnionMount.of(options().build(), mnt);
  }

  @RequiresKernelOverlay
  @Test
  void issue435_issue391_issue376_linkCountsAndInodeNumbers_areRight(MountScratch scratch)
      throws Exception {
    Layer layer =
        Layer.builder()
            .file("d/a", "a")
            .hardLink("d/b", "d/a")
            .file("c", "c")
            .file("e/f", "f")
            .build();
    try (TwoMounts mounts = TwoMounts.over(scratch, layer)) {
      mounts.same(
          """
          def counts():
              print({p: os.lstat(p).st_nlink for p in ("d/a", "d/b", "c", "d", "e") if os.path.lexists(p)})
          def numbers():
              for d, ds, fs in os.walk("."):
                  with os.scandir(d) as entries:
                      assert all(e.inode() == os.lstat(e.path).st_ino for e in entries)
              return {p: os.lstat(p).st_ino for p in ("c", "d", "e", "e/f")}
          counts()
          before = numbers()
          print(os.stat("d/a").st_ino == os.stat("d/b").st_ino)
          write("c", b"C"); os.link("c", "c2"); os.chmod("e/f", 0o600); write("e/new", b"", os.O_CREAT | os.O_WRONLY)
          counts()
          print(numbers() == before, os.stat("c").st_ino == os.stat("c2").st_ino)
          fd = os.open("c", os.O_RDONLY)
          os.unlink("c")
          print(os.fstat(fd).st_nlink, os.stat("c2").st_nlink)
          os.unlink("c2")
          print(os.fstat(fd).st_nlink, os.fstat(fd).st_ino == before["c"])
          """);
    }
  }

  @Test
  void issue324_issue425_issue478_contentBelowNestedOpaqueDirectories_staysDeleted()
      throws Exception {
    Programs.sh(
        "mkdir -p $1/a/b/c $2/a/b/c; touch $1/a/old $1/a/b/old $1/a/b/c/old $2/a/b/c/hidden;"
            + " setfattr -n trusted.overlay.opaque -v y $2/a/b;"
            + " setfattr -n trusted.overlay.opaque -v y $2/a/b/c",
        lower,
        top);
    try (UnionMount mount = mount()) {
      assertThat(tree()).isEqualTo("a a/b a/b/c a/b/c/hidden a/old");
      Programs.sh("cd $1/a; rm -r b/c; mkdir b/c; touch b/c/new; rm -r b; mkdir -p b/c/d", mnt);
      assertThat(tree()).isEqualTo("a a/b a/b/c a/b/c/d a/old");
    }
    try (UnionMount mount = mount()) {
      assertThat(tree()).as("after a remount").isEqualTo("a a/b a/b/c a/b/c/d a/old");
      Programs.sh("rm -r $1/a; mkdir -p $1/a/b/c; mv $1/a/b $1/a/z; mkdir $1/a/b", mnt);
      assertThat(tree()).isEqualTo("a a/b a/z a/z/c");
    }
    try (UnionMount mount = mount()) {
      assertThat(tree()).as("after another").isEqualTo("a a/b a/z a/z/c");
    }
  }

  private String tree() throws Exception {
    return Programs.sh("cd $1; find a | LC_ALL=C sort | tr '\\n' ' '", mnt);
  }

  @Test
  void issue444_whatWasDeleted_canBeMadeAgain() throws Exception {
    Programs.sh("cd $1; touch l1 l2 l3 l4 l5 l6; mkdir d1 d2; touch d1/x d2/x", lower);
    for (int mounted = 0; mounted < 2; mounted++) {
      try (UnionMount mount = mount()) {
        Programs.sh(
            "cd $1; rm -r l? d? ; set -C; : >l1; mkdir l2; ln -s t l3; mkfifo l4; ln l1 l5;"
                + " : >new; mv new l6; mkdir d1; : >d2; test -z \"$(ls d1)\"",
            mnt);
      }
    }
  }

  @Test
  void issue320_whatIsAddedToALower_isSeen() throws Exception {
    try (UnionMount mount = mount()) {
      Programs.sh("ls $1 >/dev/null; test ! -e $1/sub/late", mnt);
      Programs.sh("mkdir $1/sub; echo late >$1/d/late", lower);
      assertThat(Programs.sh("cat $1/d/late; ls $1/d", mnt)).isEqualTo("late\nf\nlate");
    }
  }

  /** The root of the layer is opened before the mount covers it. */
  @Test
  void issue393_issue344_mountPointThatIsALower_doesNotHang() throws Exception {
    try (UnionMount mount = UnionMount.of(options().build(), lower)) {
      Programs.sh(
          "cd $1; grep -q below f; echo more >>f; ls -R . >/dev/null; mkdir n; rm -r d", lower);
    }
    assertThat(lower.resolve("f")).hasContent("below");
    assertThat(upper.resolve("f")).hasContent("belowmore\n");
  }

  /** Kernel overlayfs: EIO for rmdir and mkdir. */
  @RequiresFileSystems
  @Test
  void issue367_issue479_upperWithoutAclsAndXattrs_isNoENOTSUP(MountScratch scratch)
      throws Exception {
    Path fileSystem = ScratchFileSystem.RAMFS.mountIn(scratch);
    upper = Files.createDirectory(fileSystem.resolve("upper"));
    work = Files.createDirectory(fileSystem.resolve("work"));
    Programs.sh(
        "setfacl -m u:5:rw $1/f; setfacl -d -m u:5:rwx $1/d; setfattr -n user.a -v b $1/d/f",
        lower);
    try (UnionMount mount = mount()) {
      Programs.sh(
          "cd $1; echo more >>f; chmod 600 f; echo x >d/new; touch d/f; mv f g; rm -r d; mkdir d;"
              + " test -z \"$(ls -A d)\"; mkdir e; mv e d/e; ! test -e f",
          mnt);
    }
    try (UnionMount mount = mount()) {
      assertThat(mnt.resolve("g")).hasContent("belowmore\n");
      assertThat(mnt.resolve("d").toFile().list()).containsExactly("e");
      Programs.sh("rm -r $1/d; mkdir $1/d", mnt);
      assertThat(mnt.resolve("d")).isEmptyDirectory();
    }
  }
}
