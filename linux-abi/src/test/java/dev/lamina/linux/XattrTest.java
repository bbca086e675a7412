package dev.lamina.linux;

import static dev.lamina.linux.Host.assertErrno;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class XattrTest extends DirectoryTest {
  private static final Name FILE = Name.of("file");
  private static final Name NAME = Name.of("user.name");
  private static final Name OTHER = Name.of("user.other");

  private final NativeMemory memory = NativeMemory.allocate(Xattr.SIZE_MAX);

  @BeforeEach
  void makeFile() throws Exception {
    touch("file");
    assumeTrue(supported(), "no user xattrs on " + path);
  }

  private boolean supported() throws ErrnoException {
    try {
      Xattr.set(dir, FILE, OTHER, new byte[1], 0);
      Xattr.remove(dir, FILE, OTHER);
      return true;
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EOPNOTSUPP) {
        return false;
      }
      throw e;
    }
  }

  @Test
  void arrays_absentEmptyAndLarge() throws Exception {
    assertThat(Xattr.get(dir, FILE, NAME)).isNull();
    Xattr.set(dir, FILE, NAME, new byte[0], 0);
    assertThat(Xattr.get(dir, FILE, NAME)).isEmpty();
    byte[] large = new byte[3000];
    Arrays.fill(large, (byte) 0xfe);
    Xattr.set(dir, FILE, NAME, large, Xattr.REPLACE);
    assertThat(Xattr.get(dir, FILE, NAME)).isEqualTo(large);
  }

  @Test
  void get_absentIsMinusOne() throws Exception {
    assertThat(Xattr.get(dir, FILE, NAME, memory, 0, 10)).isEqualTo(-1);
    assertErrno(Errno.ENOENT, () -> Xattr.get(dir, Name.of("none"), NAME, memory, 0, 10));
    int fd = At.open(dir, FILE, OpenFlags.O_PATH, 0);
    assertThat(Xattr.get(fd, NAME, memory, 0, 10)).isEqualTo(-1);
    Fd.close(fd);
  }

  @Test
  void get_sizeQueryAndTooLittleRoom() throws Exception {
    Xattr.set(dir, FILE, NAME, "value".getBytes(UTF_8), 0);
    assertThat(Xattr.get(dir, FILE, NAME, memory, 0, 0)).isEqualTo(5);
    assertErrno(Errno.ERANGE, () -> Xattr.get(dir, FILE, NAME, memory, 0, 4));
    assertThat(Xattr.get(dir, FILE, NAME, memory, 100, 5)).isEqualTo(5);
    assertThat(memory.copy(100, 5)).isEqualTo("value".getBytes(UTF_8));
  }

  @Test
  void descriptors_reachTheSameAttributes() throws Exception {
    int fd = At.open(dir, FILE, OpenFlags.O_PATH, 0);
    Xattr.set(fd, NAME, "one".getBytes(UTF_8), Xattr.CREATE);
    assertThat(Xattr.get(dir, FILE, NAME)).isEqualTo("one".getBytes(UTF_8));
    assertErrno(Errno.EEXIST, () -> Xattr.set(fd, NAME, new byte[1], Xattr.CREATE));
    assertThat(Xattr.get(fd, NAME, memory, 3, 3)).isEqualTo(3);
    assertThat(memory.copy(3, 3)).isEqualTo("one".getBytes(UTF_8));
    assertThat(list(fd)).contains("user.name");
    Xattr.remove(fd, NAME);
    assertThat(list(fd)).doesNotContain("user.name");
    assertErrno(Errno.ENODATA, () -> Xattr.remove(fd, NAME));
    Fd.close(fd);
  }

  private String list(int fd) throws ErrnoException {
    return new String(memory.copy(0, Xattr.list(fd, memory, 0, memory.size())), UTF_8);
  }

  @Test
  void proc_hasNoXattrs() throws Exception {
    int proc = At.openHostPath(Name.of("/proc/self"), OpenFlags.O_PATH);
    assertThat(Xattr.get(proc, Name.of("comm"), NAME)).isNull();
    assertThat(Xattr.get(proc, NAME, memory, 0, 0)).isEqualTo(-1);
    assertErrno(Errno.EOPNOTSUPP, () -> Xattr.set(proc, Name.of("comm"), NAME, new byte[1], 0));
    Fd.close(proc);
  }
}
