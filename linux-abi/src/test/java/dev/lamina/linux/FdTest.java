package dev.lamina.linux;

import static dev.lamina.linux.Host.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FdTest extends DirectoryTest {
  private static final int PUNCH_HOLE = 0x02;
  private static final int KEEP_SIZE = 0x01;

  @Test
  void readAndWrite_moveTheOffset() throws Exception {
    int fd = create("a", "abcdef");
    NativeMemory memory = NativeMemory.allocate(8);
    assertThat(Fd.read(fd, memory, 1, 3)).isEqualTo(3);
    assertThat(memory.copy(0, 5)).containsExactly(0, 'a', 'b', 'c', 0);
    assertThat(Fd.write(fd, memory, 1, 2)).isEqualTo(2);
    assertThat(content(fd)).isEqualTo("abcabf");
    assertThat(Fd.seek(fd, 0, Fd.SEEK_CUR)).isEqualTo(5);
    assertThat(Fd.seek(fd, -1, Fd.SEEK_END)).isEqualTo(5);
    assertThat(Fd.read(fd, memory, 0, 8)).isEqualTo(1);
    assertThat(Fd.read(fd, memory, 0, 8)).isZero();
    assertThat(Fd.pread(fd, memory, 0, 8, 6)).isZero();
    Fd.close(fd);
    assertErrno(Errno.EBADF, () -> Fd.read(fd, memory, 0, 8));
  }

  @Test
  void pwrite_beyond4GiB() throws Exception {
    int fd = create("a", "");
    NativeMemory memory = NativeMemory.allocate(8);
    memory.putByte(0, (byte) 'x');
    assertThat(Fd.pwrite(fd, memory, 0, 1, 5L << 32)).isEqualTo(1);
    assertThat(stat("a").size).isEqualTo((5L << 32) + 1);
    Fd.close(fd);
  }

  /** Offsets are of the call, see {@code LibCTest} for why this goes through seven arguments. */
  @Test
  void copyRange_sixArgumentsArriveAsTheyAre() throws Exception {
    int in = create("in", "0123456789");
    int out = create("out", "..........");
    for (int i = 0; i < 100; i++) {
      assertThat(Fd.copyRange(in, 2, out, 5, 3)).isEqualTo(3);
    }
    assertThat(content(out)).isEqualTo(".....234..");
    assertThat(Fd.seek(in, 0, Fd.SEEK_CUR)).isZero();
    assertThat(Fd.seek(out, 0, Fd.SEEK_CUR)).isZero();
    assertThat(Fd.copyRange(in, 10, out, 0, 3)).isZero();
    assertErrno(Errno.EINVAL, () -> Fd.copyRange(in, 0, in, 0, 10));
    Fd.close(in);
    Fd.close(out);
  }

  @Test
  void seek_dataAndHoles() throws Exception {
    int fd = create("a", "");
    Fd.truncate(fd, 1 << 20);
    NativeMemory memory = NativeMemory.allocate(1);
    Fd.pwrite(fd, memory, 0, 1, 512 << 10);
    assertThat(Fd.seek(fd, 0, Fd.SEEK_HOLE)).isZero();
    assertThat(Fd.seek(fd, 0, Fd.SEEK_DATA)).isEqualTo(512 << 10);
    assertThat(Fd.seek(fd, 512 << 10, Fd.SEEK_HOLE)).isLessThan(1 << 20);
    assertErrno(Errno.ENXIO, () -> Fd.seek(fd, 1 << 20, Fd.SEEK_DATA));
    Fd.close(fd);
  }

  @Test
  void allocate_reservesAndPunches() throws Exception {
    int fd = create("a", "");
    Fd.allocate(fd, KEEP_SIZE, 0, 64 << 10);
    assertThat(stat("a").size).isZero();
    assertThat(stat("a").blocks).isGreaterThanOrEqualTo(128);
    Fd.allocate(fd, 0, 0, 64 << 10);
    assertThat(stat("a").size).isEqualTo(64 << 10);
    Fd.allocate(fd, PUNCH_HOLE | KEEP_SIZE, 0, 64 << 10);
    assertThat(Fd.seek(fd, 0, Fd.SEEK_HOLE)).isZero();
    Fd.close(fd);
  }

  @Test
  void truncate_bothWays() throws Exception {
    int fd = create("a", "abc");
    Fd.truncate(fd, 1);
    Fd.truncate(fd, 2);
    assertThat(content(fd)).isEqualTo("a\0");
    assertErrno(Errno.EINVAL, () -> Fd.truncate(fd, -1));
    Fd.close(fd);
  }

  @Test
  void sync_allKinds() throws Exception {
    int fd = create("a", "abc");
    Fd.sync(fd);
    Fd.syncData(fd);
    Fd.syncFilesystem(fd);
    Fd.close(fd);
    assertErrno(Errno.EBADF, () -> Fd.sync(fd));
    assertErrno(Errno.EBADF, () -> Fd.syncData(fd));
    assertErrno(Errno.EBADF, () -> Fd.syncFilesystem(fd));
  }

  @Test
  void cloneFrom_sharesOrSaysNoAndChangesNothing() throws Exception {
    int from = create("from", "content");
    int to = create("to", "old");
    boolean shared = Fd.cloneFrom(to, from);
    assertThat(content(to)).isEqualTo(shared ? "content" : "old");
    assertThat(Fd.cloneFrom(-1, from)).isFalse();
    Fd.close(from);
    Fd.close(to);
  }

  @Test
  void duplicate_sharesTheOffsetAndClosesOnExec() throws Exception {
    int fd = create("a", "abc");
    int second = Fd.duplicate(fd);
    Fd.seek(fd, 2, Fd.SEEK_SET);
    assertThat(Fd.seek(second, 0, Fd.SEEK_CUR)).isEqualTo(2);
    assertThat(Native.C.fcntl(second, 1 /* F_GETFD */, 0)).isEqualTo(1 /* FD_CLOEXEC */);
    Fd.close(fd);
    Fd.close(second);
  }

  @Test
  void redirect_replacesAnOpenFile() throws Exception {
    int a = create("a", "a");
    int b = create("b", "b");
    Fd.redirect(a, b);
    assertThat(content(b)).isEqualTo("a");
    Fd.close(a);
    Fd.close(b);
  }

  @Test
  void reopen_givesAPathDescriptorAccess() throws Exception {
    Fd.close(create("a", "abc"));
    int fd = At.open(dir, Name.of("a"), OpenFlags.O_PATH, 0);
    assertErrno(Errno.EBADF, () -> Fd.read(fd, NativeMemory.allocate(1), 0, 1));
    At.unlink(dir, Name.of("a"));
    int readable = Fd.reopen(fd, OpenFlags.O_RDONLY);
    assertThat(content(readable)).isEqualTo("abc");
    Fd.close(readable);
    Fd.close(fd);
  }

  @Test
  void chmodAndTimes_ofAnOpenFile() throws Exception {
    int fd = create("a", "");
    Fd.chmod(fd, 0421);
    Fd.utimens(fd, 1, 2, 3, 4);
    Stat stat = stat("a");
    assertThat(stat.mode & FileMode.PERMISSIONS).isEqualTo(0421);
    assertThat(new long[] {stat.atime, stat.atimeNanos, stat.mtime, stat.mtimeNanos})
        .containsExactly(1, 2, 3, 4);
    Fd.close(fd);
  }

  @Test
  void pathDescriptors_ofAFile() throws Exception {
    touch("a");
    int fd = At.open(dir, Name.of("a"), OpenFlags.O_PATH, 0);
    assertErrno(Errno.EBADF, () -> Fd.chmod(fd, 0600));
    Fd.chmodPath(fd, 0604);
    Fd.utimensPath(fd, 1, 2, 3, 4);
    assertThat(stat("a").mode & FileMode.PERMISSIONS).isEqualTo(0604);
    assertThat(stat("a").mtimeNanos).isEqualTo(4);
    Fd.close(fd);
  }

  @Test
  void pathDescriptors_ofASymbolicLinkAreTheLinkItself() throws Exception {
    touch("a");
    At.symlink(Name.of("a"), dir, Name.of("link"));
    int fd = At.open(dir, Name.of("link"), OpenFlags.O_PATH, 0);
    NativeMemory target = NativeMemory.allocate(4);
    assertThat(Fd.readlinkPath(fd, target, 2, 2)).isEqualTo(1);
    assertThat(target.getByte(2)).isEqualTo((byte) 'a');
    Fd.utimensPath(fd, 1, 2, 3, 4);
    assertThat(stat("link").mtime).isEqualTo(3);
    assertThat(stat("a").mtime).isNotEqualTo(3);
    Fd.close(fd);
  }

  @Test
  void chown_ofOpenFileAndPathDescriptor() throws Exception {
    Host.requireRoot();
    int fd = create("a", "");
    Fd.chown(fd, 12, 34);
    assertThat(new int[] {stat("a").uid, stat("a").gid}).containsExactly(12, 34);
    At.symlink(Name.of("a"), dir, Name.of("link"));
    int link = At.open(dir, Name.of("link"), OpenFlags.O_PATH, 0);
    Fd.chownPath(link, 56, -1);
    assertThat(new int[] {stat("link").uid, stat("link").gid}).containsExactly(56, 0);
    assertThat(stat("a").uid).isEqualTo(12);
    Fd.close(link);
    Fd.close(fd);
  }

  @Test
  void tryLockExclusive_onceAtATime() throws Exception {
    int first = create("a", "");
    int second = At.open(dir, Name.of("a"), OpenFlags.O_RDONLY, 0);
    assertThat(Fd.tryLockExclusive(first)).isTrue();
    assertThat(Fd.tryLockExclusive(second)).isFalse();
    Fd.close(first);
    assertThat(Fd.tryLockExclusive(second)).isTrue();
    Fd.close(second);
    assertErrno(Errno.EBADF, () -> Fd.tryLockExclusive(second));
  }

  @Test
  void ioctl_failsWithItsErrno() throws Exception {
    int fd = create("a", "");
    assertErrno(Errno.ENOTTY, () -> Fd.ioctl(fd, Terminals.TCGETS, NativeMemory.allocate(256)));
    Fd.close(fd);
  }
}
