package dev.lamina.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What the calls of Linux 6.13 and the paths through {@code /proc} have in common: all of it. */
class XattrCallsTest {
  @Nested
  class AtTest extends Contract {
    @Override
    XattrCalls calls() {
      assumeTrue(NewCalls.xattrat(), "this kernel has no getxattrat (Linux 6.13)");
      return new XattrAt();
    }
  }

  @Nested
  class ByPathTest extends Contract {
    @Override
    XattrCalls calls() {
      return new XattrByPath();
    }
  }

  abstract static class Contract extends DirectoryTest {
    private static final Name FILE = Name.of("file");
    private static final Name LINK = Name.of("link");
    private static final Name NAME = Name.of("user.name");

    private final NativeMemory memory = NativeMemory.allocate(1024);
    private XattrCalls calls;

    abstract XattrCalls calls();

    @BeforeEach
    void makeFile() throws Exception {
      calls = calls();
      touch("file");
      memory.put(0, "value".getBytes(UTF_8), 0, 5);
      long result = calls.set(dir, FILE, NAME, memory, 0, 5, Xattr.CREATE);
      assumeTrue(result == 0 || Native.errno() != Errno.EOPNOTSUPP, "no user xattrs on " + path);
      assertThat(result).isZero();
    }

    @Test
    void get_valueSizeAndErrors() {
      assertThat(calls.get(dir, FILE, NAME, memory, 100, 50)).isEqualTo(5);
      assertThat(memory.copy(100, 6)).isEqualTo("value\0".getBytes(UTF_8));
      assertThat(calls.get(dir, FILE, NAME, memory, 0, 0)).isEqualTo(5);
      assertFails(Errno.ERANGE, calls.get(dir, FILE, NAME, memory, 0, 4));
      assertFails(Errno.ENODATA, calls.get(dir, FILE, Name.of("user.no"), memory, 0, 0));
      assertFails(Errno.ENOENT, calls.get(dir, Name.of("none"), NAME, memory, 0, 0));
      assertFails(Errno.EOPNOTSUPP, calls.get(dir, FILE, Name.of("no.such"), memory, 0, 0));
    }

    @Test
    void set_flagsAndEmptyValue() {
      assertFails(Errno.EEXIST, calls.set(dir, FILE, NAME, memory, 0, 5, Xattr.CREATE));
      Name absent = Name.of("user.no");
      assertFails(Errno.ENODATA, calls.set(dir, FILE, absent, memory, 0, 5, Xattr.REPLACE));
      assertThat(calls.set(dir, FILE, NAME, memory, 0, 0, Xattr.REPLACE)).isZero();
      assertThat(calls.get(dir, FILE, NAME, memory, 0, 10)).isZero();
    }

    @Test
    void remove_onceOnly() {
      assertThat(calls.remove(dir, FILE, NAME)).isZero();
      assertFails(Errno.ENODATA, calls.remove(dir, FILE, NAME));
    }

    @Test
    void list_namesAndErrors() {
      long size = calls.list(dir, FILE, memory, 0, 0);
      assertThat(calls.list(dir, FILE, memory, 1, 1000)).isEqualTo(size);
      assertThat(new String(memory.copy(1, (int) size), UTF_8)).contains("user.name\0");
      assertFails(Errno.ERANGE, calls.list(dir, FILE, memory, 0, 3));
      assertFails(Errno.ENOENT, calls.list(dir, Name.of("none"), memory, 0, 0));
    }

    /** Only a link's target may have user attributes: what is refused here was not followed. */
    @Test
    void symbolicLinksAreNotFollowed() throws Exception {
      At.symlink(FILE, dir, LINK);
      assertThat(calls.get(dir, LINK, NAME, memory, 0, 10)).isNegative();
      assertFails(Errno.EPERM, calls.set(dir, LINK, NAME, memory, 0, 1, 0));
      assertThat(calls.remove(dir, LINK, NAME)).isNegative();
      assertThat(calls.get(dir, FILE, NAME, memory, 0, 10)).isEqualTo(5);
    }

    @Test
    void dotIsTheDirectoryItself() {
      Name self = Name.of(".");
      assertThat(calls.set(dir, self, NAME, memory, 0, 2, 0)).isZero();
      assertThat(calls.get(dir, self, NAME, memory, 0, 10)).isEqualTo(2);
    }

    @Test
    void anyBytesMakeAFileName() throws Exception {
      Name strange = Name.of(new byte[] {(byte) 0xff, '\n', (byte) 0x80});
      At.rename(dir, FILE, dir, strange, 0);
      assertThat(calls.get(dir, strange, NAME, memory, 0, 10)).isEqualTo(5);
    }

    private static void assertFails(int errno, long result) {
      int actual = Native.errno();
      assertThat(result).isNegative();
      assertThat(actual).isEqualTo(errno);
    }
  }
}
