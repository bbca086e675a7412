package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Layer;
import dev.lamina.overlay.owner.OwnerRecords;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An upper that keeps owners in xattrs shows what one shows that really has them: the same programs
 * on kernel overlayfs print the same.
 */
@RequiresFuse
@RequiresKernelOverlay
class OwnerRecordsMountTest {
  private static final Layer LOWER =
      Layer.builder()
          .file("file", "data")
          .owner(11, 12)
          .file("suid", "data")
          .mode(06755)
          .owner(11, 12)
          .dir("dir")
          .mode(0750)
          .owner(21, 22)
          .file("dir/f", "f")
          .dir("sg")
          .mode(02777)
          .owner(0, 50)
          .file("gone", "x")
          .file("sg/gone", "x")
          .build();

  /** Everything that is there, as a user sees it. */
  private static final String SHOW =
      """
      def show(path):
          s = os.lstat(path)
          print(path, s.st_uid, s.st_gid, oct(s.st_mode), os.major(s.st_rdev), os.minor(s.st_rdev), s.st_nlink if not stat.S_ISDIR(s.st_mode) else "")
      def everything():
          for at, dirs, files in sorted(os.walk(".")):
              for name in sorted(dirs + files):
                  show(os.path.join(at, name))
              for entry in sorted(os.scandir(at), key=lambda e: e.name):
                  print(entry.name, entry.is_file(follow_symlinks=False), entry.is_dir(follow_symlinks=False), entry.is_symlink())
      """;

  private TwoMounts mounts;

  static Stream<Arguments> records() {
    return Stream.of(
        Arguments.of("store", OwnerRecords.STORE),
        Arguments.of("xattr_permissions=2", OwnerRecords.ORDINARY),
        Arguments.of("xattr_permissions=1", OwnerRecords.PRIVILEGED));
  }

  private void mount(MountScratch scratch, OwnerRecords records) throws Exception {
    mounts = TwoMounts.recording(scratch, records, LOWER);
  }

  @AfterEach
  void unmount() throws Exception {
    mounts.close();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("records")
  void creation_givesOwnersAsUsual(String name, OwnerRecords records, MountScratch scratch)
      throws Exception {
    mount(scratch, records);
    mounts.same(
        SHOW
            + """
              def make(prefix):
                  os.close(os.open(prefix + "n", os.O_CREAT | os.O_WRONLY, 0o6777))
                  os.close(os.open(prefix + "ro", os.O_CREAT | os.O_WRONLY, 0))
                  os.mkdir(prefix + "d", 0o7777)
                  os.mkdir(prefix + "d/in")
                  os.symlink("target", prefix + "l")
                  os.mknod(prefix + "p", stat.S_IFIFO | 0o666)
                  os.mknod(prefix + "s", stat.S_IFSOCK | 0o666)
                  os.link(prefix + "n", prefix + "n2")
              os.chmod(".", 0o777)
              for mask in (0o022, 0o077, 0):
                  os.umask(mask)
                  make("root%o-" % mask)
                  make("sg/root%o-" % mask)
                  as_user(1000, 2000, lambda: make("user%o-" % mask))
                  as_user(1000, 2000, lambda: make("sg/user%o-" % mask))
              os.mknod("null", stat.S_IFCHR | 0o640, os.makedev(1, 3))
              os.mknod("disk", stat.S_IFBLK | 0o640, os.makedev(4095, 1048575))
              result("whiteout", os.mknod, "w", stat.S_IFCHR | 0o640, 0)
              for name in ("gone", "sg/gone"):
                  os.unlink(name)
                  as_user(1000, 2000, lambda: os.mkdir(name))
                  os.rmdir(name)
                  as_user(1000, 2000, lambda: os.mknod(name, stat.S_IFIFO | 0o600))
              everything()
              """);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("records")
  @NotOverLibfuse("the protocol that it speaks has no flags of rename")
  void changes_areSeenAndLost_asUsual(String name, OwnerRecords records, MountScratch scratch)
      throws Exception {
    mount(scratch, records);
    mounts.same(
        SHOW
            + """
              os.chmod(".", 0o777)
              os.chown("file", 31, 32)
              os.chown("dir/f", -1, 33)
              os.chmod("dir", 0o7701)
              os.chown("dir", 34, -1)
              for path in ("a", "b", "c", "d", "e"):
                  os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o666))
                  os.chmod(path, 0o6775)
                  os.chown(path, 1000, 2000)
                  show(path)
                  os.chmod(path, 0o6767 if path == "b" else 0o6775)
              as_user(1001, 2001, lambda: result("chmod of another's", os.chmod, "a", 0o777))
              as_user(1001, 2001, lambda: result("chown of another's", os.chown, "a", 1001, -1))
              as_user(1000, 2000, lambda: write("a", b"x"))
              as_user(1000, 2000, lambda: write("b", b"x"))
              as_user(1000, 2000, lambda: os.truncate("c", 5))
              os.truncate("d", 5)
              os.chown("e", 1000, -1)
              write("suid", b"x")
              as_user(11, 12, lambda: write("suid", b"x"))
              os.utime("file", (1, 2))
              as_user(1000, 2000, lambda: write("new", b"n", os.O_CREAT | os.O_WRONLY))
              check(libc.renameat2(AT_FDCWD, b"new", AT_FDCWD, b"sg/gone", 2))
              show("sg/gone")
              os.unlink("sg/gone")
              result("exchanged and unlinked", os.stat, "sg/gone")
              os.rename("new", "gone")
              os.rename("file", "dir/moved")
              os.symlink("t", "l")
              os.chown("l", 41, 42, follow_symlinks=False)
              os.mkfifo("p")
              os.chown("p", 41, 42)
              os.chmod("p", 0o604)
              fd = os.open("o", os.O_CREAT | os.O_RDWR, 0o600)
              os.unlink("o")
              os.fchown(fd, 51, 52)
              os.fchmod(fd, 0o4711)
              s = os.fstat(fd)
              print(s.st_uid, s.st_gid, oct(s.st_mode), s.st_nlink)
              everything()
              print(os.stat("dir/moved").st_mtime)
              """);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("records")
  @NotOverLibfuse("the protocol that it speaks has no O_TMPFILE")
  void namelessFiles_haveOwnersToo(String name, OwnerRecords records, MountScratch scratch)
      throws Exception {
    mount(scratch, records);
    mounts.same(
        SHOW
            + """
              os.umask(0o027)
              os.chmod(".", 0o777)
              def nameless():
                  fd = os.open("sg", os.O_TMPFILE | os.O_RDWR, 0o666)
                  s = os.fstat(fd)
                  print(s.st_uid, s.st_gid, oct(s.st_mode), s.st_nlink)
                  return fd
              fd = nameless()
              os.fchown(fd, 61, 62)
              link_fd(fd, "linked")
              show("linked")
              as_user(1000, 2000, lambda: nameless() and None)
              """);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("records")
  void permissions_areThoseThatAreShown(String name, OwnerRecords records, MountScratch scratch)
      throws Exception {
    mount(scratch, records);
    mounts.same(
        """
        os.chmod(".", 0o777)
        write("secret", b"s", os.O_CREAT | os.O_WRONLY)
        os.chmod("secret", 0)
        print(read("secret"))
        write("secret", b"t")
        os.mkdir("closed", 0)
        write("closed/f", b"f", os.O_CREAT | os.O_WRONLY)
        os.chown("secret", 1000, 1000)
        for uid, gid in ((1000, 1000), (1001, 1001), (21, 99), (99, 22)):
            as_user(uid, gid, lambda: result("read", read, "secret"))
            as_user(uid, gid, lambda: result("list", lambda: sorted(os.listdir("dir"))))
            as_user(uid, gid, lambda: result("make", os.mkdir, "dir/made"))
            as_user(uid, gid, lambda: result("closed", os.listdir, "closed"))
        os.chmod("secret", 0o4711)
        print(subprocess.run(["sh", "-c", "umask 0; : > new; ls -ln new secret | cut -d' ' -f1,3,4"], capture_output=True))
        """);
  }

  @Test
  void records_areHidden_andAclsAreNotOffered(MountScratch scratch) throws Exception {
    mount(scratch, OwnerRecords.STORE);
    assertThat(
            mounts.onOurs(
                """
                os.setxattr("file", "user.kept", b"v")
                os.chown("file", 5, 6)
                print(os.listxattr("file"))
                result("get", os.getxattr, "file", "user.containers.override_stat")
                result("set", os.setxattr, "file", "user.containers.override_stat", b"0:0:4755:file")
                result("set", os.setxattr, "file", "user.fuseoverlayfs.override_stat", b"0:0:4755:file")
                result("remove", os.removexattr, "file", "user.containers.override_stat")
                acl = struct.pack("<IHHIHHIHHIHHIHHI", 2, 1, 6, 2**32-1, 2, 7, 5, 4, 4, 2**32-1, 16, 7, 2**32-1, 32, 4, 2**32-1)
                result("acl", os.setxattr, "file", "system.posix_acl_access", acl)
                result("acl", os.getxattr, "file", "system.posix_acl_access")
                print(os.getxattr(os.environ["UPPER"] + "/file", "user.containers.override_stat"))
                s = os.stat(os.environ["UPPER"] + "/file")
                print(s.st_uid, oct(s.st_mode))
                """))
        .isEqualTo(
            """
            ['user.kept']
            get -> ENODATA
            set -> EPERM
            set -> EPERM
            remove -> ENODATA
            acl -> ENOTSUP
            acl -> ENODATA
            b'5:6:0644:file'
            0 0o100600""");
  }

  @Test
  void deviceThatAFileStandsInFor_works(MountScratch scratch) throws Exception {
    mount(scratch, OwnerRecords.STORE);
    assertThat(
            mounts.onOurs(
                """
                os.mknod("zero", stat.S_IFCHR | 0o666, os.makedev(1, 5))
                with open("zero", "rb") as f:
                    print(f.read(3))
                os.mkfifo("pipe")
                child = os.fork()
                if child == 0:
                    write("pipe", b"through")
                    os._exit(0)
                print(read("pipe"))
                os.waitpid(child, 0)
                import socket
                server = socket.socket(socket.AF_UNIX)
                server.bind("socket")
                server.listen()
                client = socket.socket(socket.AF_UNIX)
                client.connect("socket")
                server.accept()[0].send(b"hello")
                print(client.recv(9))
                for name in ("zero", "pipe", "socket"):
                    s = os.lstat(os.environ["UPPER"] + "/" + name)
                    print(stat.S_ISREG(s.st_mode), s.st_size)
                """))
        .isEqualTo("b'\\x00\\x00\\x00'\nb'through'\nb'hello'" + "\nTrue 0".repeat(3));
  }
}
