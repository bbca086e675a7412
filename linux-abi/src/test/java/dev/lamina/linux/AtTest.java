package dev.lamina.linux;

import static dev.lamina.linux.Host.assertErrno;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AtTest extends DirectoryTest {
  private static final Name A = Name.of("a");
  private static final Name B = Name.of("b");
  private static final Name ABSENT = Name.of("absent");
  private static final Name BELOW_A_FILE = Name.of("a/x");

  @Test
  void open_followsNoLinkAndClosesOnExec() throws Exception {
    touch("a");
    At.symlink(A, dir, B);
    assertErrno(Errno.ELOOP, () -> At.open(dir, B, OpenFlags.O_RDONLY, 0));
    int fd = At.open(dir, A, OpenFlags.O_RDONLY, 0);
    assertThat(Native.C.fcntl(fd, 1 /* F_GETFD */, 0)).isEqualTo(1 /* FD_CLOEXEC */);
    Fd.close(fd);
  }

  @Test
  void openDirectory_refusesAFile() throws Exception {
    touch("a");
    assertErrno(Errno.ENOTDIR, () -> At.openDirectory(dir, A));
  }

  @Test
  void openIfExists_absentIsMinusOneAndOtherErrorsThrow() throws Exception {
    touch("a");
    At.symlink(A, dir, B);
    assertThat(At.openIfExists(dir, ABSENT, OpenFlags.O_RDONLY)).isEqualTo(-1);
    assertThat(At.openIfExists(dir, BELOW_A_FILE, OpenFlags.O_RDONLY)).isEqualTo(-1);
    assertErrno(Errno.ELOOP, () -> At.openIfExists(dir, B, OpenFlags.O_RDONLY));
    int fd = At.openIfExists(dir, A, OpenFlags.O_RDONLY);
    assertThat(fd).isNotNegative();
    Fd.close(fd);
  }

  @Test
  void openHostPath_followsLinks() throws Exception {
    Fd.close(create("a", "text"));
    At.symlink(A, dir, B);
    int fd = At.openHostPath(Name.of(path + "/b"), OpenFlags.O_RDONLY);
    assertThat(content(fd)).isEqualTo("text");
    Fd.close(fd);
  }

  @Test
  void stat_absentIsFalseAndOtherErrorsThrow() throws Exception {
    touch("a");
    assertThat(At.stat(dir, ABSENT, new Stat())).isFalse();
    assertThat(At.stat(dir, BELOW_A_FILE, new Stat())).isFalse();
    assertErrno(Errno.EBADF, () -> At.stat(-1, A, new Stat()));
    assertErrno(Errno.ENAMETOOLONG, () -> At.stat(dir, Name.of("n".repeat(256)), new Stat()));
  }

  @Test
  void stat_ofNameAndOfDescriptorAgree() throws Exception {
    int fd = create("a", "12345");
    Stat byName = stat("a");
    Stat byFd = new Stat();
    At.stat(fd, byFd);
    assertThat(byFd).usingRecursiveComparison().isEqualTo(byName);
    assertThat(byName.size).isEqualTo(5);
    assertThat(byName.nlink).isEqualTo(1);
    assertThat(byName.isRegular()).isTrue();
    assertThat(byName.mtime).isPositive();
    Fd.close(fd);
  }

  @Test
  void mkdir_existsAndRmdir() throws Exception {
    At.mkdir(dir, A, 0700);
    assertThat(stat("a").mode).isEqualTo(FileMode.S_IFDIR | 0700);
    assertErrno(Errno.EEXIST, () -> At.mkdir(dir, A, 0700));
    assertErrno(Errno.EISDIR, () -> At.unlink(dir, A));
    At.mkdir(dir, Name.of("a/x"), 0700);
    assertErrno(Errno.ENOTEMPTY, () -> At.rmdir(dir, A));
    At.rmdir(dir, Name.of("a/x"));
    At.rmdir(dir, A);
    assertThat(exists("a")).isFalse();
    assertErrno(Errno.ENOENT, () -> At.rmdir(dir, A));
  }

  @Test
  void mknod_fifoAndRegularFile() throws Exception {
    At.mknod(dir, A, FileMode.S_IFIFO | 0600, 0);
    At.mknod(dir, B, FileMode.S_IFREG | 0600, 0);
    assertThat(stat("a").mode).isEqualTo(FileMode.S_IFIFO | 0600);
    assertThat(stat("b").mode).isEqualTo(FileMode.S_IFREG | 0600);
  }

  @Test
  void mknod_deviceNumbersAndWhiteout() throws Exception {
    Host.requireRoot();
    long device = FileMode.device(0xabc, 0x12345);
    At.mknod(dir, A, FileMode.S_IFCHR | 0600, device);
    assertThat(stat("a").rdev).isEqualTo(device);
    assertThat(stat("a").isCharDevice00()).isFalse();
    At.mknod(dir, B, FileMode.S_IFCHR, 0);
    assertThat(stat("b").isCharDevice00()).isTrue();
  }

  @Test
  void symlink_keepsAnyBytesAndReadlinkGivesThem() throws Exception {
    byte[] target = {'/', (byte) 0xff, '\n', 'x'};
    At.symlink(Name.of(target), dir, A);
    assertThat(At.readlink(dir, A)).isEqualTo(target);
    assertThat(stat("a").isSymlink()).isTrue();
    NativeMemory buffer = NativeMemory.allocate(8);
    assertThat(At.readlink(dir, A, buffer, 6, 2)).isEqualTo(2);
    assertThat(buffer.copy(6, 2)).containsExactly('/', 0xff);
    byte[] longest = "t".repeat(Name.PATH_MAX - 1).getBytes(UTF_8);
    At.symlink(Name.of(longest), dir, B);
    assertThat(At.readlink(dir, B)).isEqualTo(longest);
  }

  @Test
  void readlink_ofAFileIsEinval() throws Exception {
    touch("a");
    assertErrno(Errno.EINVAL, () -> At.readlink(dir, A));
  }

  @Test
  void link_isOfTheSymbolicLinkItself() throws Exception {
    At.symlink(ABSENT, dir, A);
    At.link(dir, A, dir, B);
    assertThat(stat("b").isSymlink()).isTrue();
    assertThat(stat("b").ino).isEqualTo(stat("a").ino);
    assertThat(stat("a").nlink).isEqualTo(2);
    assertErrno(Errno.EEXIST, () -> At.link(dir, A, dir, B));
  }

  @Test
  void linkDescriptor_namesAnUnnamedFile() throws Exception {
    int fd = At.open(dir, Name.of("."), OpenFlags.O_TMPFILE | OpenFlags.O_RDWR, 0600);
    At.linkDescriptor(fd, dir, A);
    Stat stat = new Stat();
    At.stat(fd, stat);
    assertThat(stat("a").ino).isEqualTo(stat.ino);
    Fd.close(fd);
  }

  @Test
  void rename_flags() throws Exception {
    Fd.close(create("a", "was a"));
    Fd.close(create("b", "is b"));
    assertErrno(Errno.EEXIST, () -> At.rename(dir, A, dir, B, At.RENAME_NOREPLACE));
    long a = stat("a").ino;
    long b = stat("b").ino;
    At.rename(dir, A, dir, B, At.RENAME_EXCHANGE);
    assertThat(stat("a").ino).isEqualTo(b);
    assertThat(stat("b").ino).isEqualTo(a);
    At.rename(dir, A, dir, B, 0);
    assertThat(exists("a")).isFalse();
    assertThat(stat("b").ino).isEqualTo(b);
    assertErrno(Errno.ENOENT, () -> At.rename(dir, A, dir, B, At.RENAME_EXCHANGE));
  }

  @Test
  void rename_whiteoutLeavesCharDevice00() throws Exception {
    Host.requireRoot();
    touch("a");
    At.rename(dir, A, dir, B, At.RENAME_WHITEOUT);
    assertThat(stat("a").isCharDevice00()).isTrue();
    assertThat(stat("b").isRegular()).isTrue();
  }

  @Test
  void unlink_ofAbsentIsEnoent() {
    assertErrno(Errno.ENOENT, () -> At.unlink(dir, ABSENT));
  }

  @Test
  void chown_ofALinkItselfAndMinusOneKeeps() throws Exception {
    Host.requireRoot();
    touch("a");
    At.symlink(A, dir, B);
    At.chown(dir, B, 12, 34);
    At.chown(dir, B, -1, 35);
    At.chown(dir, B, 0x7ffffff0, -1);
    assertThat(new int[] {stat("b").uid, stat("b").gid}).containsExactly(0x7ffffff0, 35);
    assertThat(stat("a").uid).isZero();
  }

  @Test
  void utimens_nanosecondsAndOmitAndNow() throws Exception {
    touch("a");
    At.utimens(dir, A, 1, 999_999_999, -2, 5);
    At.utimens(dir, A, 0, At.UTIME_OMIT, 7, 8);
    Stat stat = stat("a");
    assertThat(new long[] {stat.atime, stat.atimeNanos}).containsExactly(1, 999_999_999);
    assertThat(new long[] {stat.mtime, stat.mtimeNanos}).containsExactly(7, 8);
    At.utimens(dir, A, 0, At.UTIME_NOW, -2, 5);
    stat = stat("a");
    assertThat(stat.atime).isGreaterThan(1_000_000_000);
    assertThat(new long[] {stat.mtime, stat.mtimeNanos}).containsExactly(-2, 5);
  }

  @Test
  void utimens_ofALinkItself() throws Exception {
    touch("a");
    At.symlink(A, dir, B);
    At.utimens(dir, B, 1, 2, 3, 4);
    assertThat(stat("b").mtime).isEqualTo(3);
    assertThat(stat("a").mtime).isNotEqualTo(3);
  }

  @Test
  void anyBytesMakeAName() throws Exception {
    Name name = Name.of(new byte[] {(byte) 0xff, '\n', ' ', (byte) 0x80});
    At.mkdir(dir, name, 0700);
    assertThat(At.stat(dir, name, new Stat())).isTrue();
    At.rmdir(dir, name);
  }
}
