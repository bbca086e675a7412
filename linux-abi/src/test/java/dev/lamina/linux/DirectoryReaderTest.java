package dev.lamina.linux;

import static dev.lamina.linux.Host.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DirectoryReaderTest extends DirectoryTest {
  private final DirectoryReader reader = new DirectoryReader();
  private int readable;

  @BeforeEach
  void open() throws Exception {
    readable = At.open(dir, Name.of("."), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
  }

  @AfterEach
  void close() {
    Fd.close(readable);
  }

  /** Names, one character a byte, and types of what is still to be read. */
  private Map<String, Integer> readAll() throws ErrnoException {
    Map<String, Integer> entries = new HashMap<>();
    while (reader.next()) {
      String name = new String(reader.name().toBytes(), StandardCharsets.ISO_8859_1);
      assertThat(entries.put(name, reader.type())).as(name).isNull();
    }
    return entries;
  }

  @Test
  void next_tenThousandEntriesOverManyReads() throws Exception {
    Name name = new Name();
    for (int i = 0; i < 10_000; i++) {
      name.set(("entry-" + i).getBytes(StandardCharsets.US_ASCII));
      At.mknod(dir, name, FileMode.S_IFREG | 0600, 0);
    }
    Map<String, Integer> entries = readAllFrom(readable);
    assertThat(entries).hasSize(10_000).containsKeys("entry-0", "entry-9999");
    assertThat(reader.next()).isFalse();
  }

  private Map<String, Integer> readAllFrom(int fd) throws ErrnoException {
    reader.reset(fd);
    return readAll();
  }

  @Test
  void next_leavesOutDotNamesOnly() throws Exception {
    for (String name : new String[] {"...", ".a", "..a", "a."}) {
      touch(name);
    }
    assertThat(readAllFrom(readable)).containsOnlyKeys("...", ".a", "..a", "a.");
  }

  @Test
  void next_emptyDirectory() throws Exception {
    assertThat(readAllFrom(readable)).isEmpty();
  }

  @Test
  void next_namesAreBytes() throws Exception {
    Name longest = Name.of("n".repeat(Name.NAME_MAX));
    Name strange = Name.of(new byte[] {(byte) 0xff, '\n', (byte) 0x80});
    At.mkdir(dir, longest, 0700);
    At.mkdir(dir, strange, 0700);
    assertThat(readAllFrom(readable)).containsOnlyKeys(longest.toString(), "\u00ff\n\u0080");
  }

  @Test
  void typeAndIno_areThoseOfStat() throws Exception {
    touch("file");
    At.mkdir(dir, Name.of("dir"), 0700);
    At.symlink(Name.of("file"), dir, Name.of("link"));
    At.mknod(dir, Name.of("fifo"), FileMode.S_IFIFO | 0600, 0);
    reader.reset(readable);
    int count = 0;
    while (reader.next()) {
      Stat stat = stat(reader.name().toString());
      assertThat(reader.ino()).isEqualTo(stat.ino);
      assertThat(reader.type()).isEqualTo(FileMode.directoryType(stat.mode));
      count++;
    }
    assertThat(count).isEqualTo(4);
  }

  @Test
  void name_isAViewForTheNextSystemCall() throws Exception {
    touch("a");
    touch("b");
    reader.reset(readable);
    while (reader.next()) {
      At.unlink(dir, reader.name());
    }
    assertThat(exists("a")).isFalse();
    assertThat(exists("b")).isFalse();
  }

  @Test
  void reset_startsOverWithWhateverDirectory() throws Exception {
    touch("a");
    touch("b");
    reader.reset(readable);
    assertThat(reader.next()).isTrue();
    Fd.seek(readable, 0, Fd.SEEK_SET);
    assertThat(readAllFrom(readable)).containsOnlyKeys("a", "b");
    At.mkdir(dir, Name.of("dir"), 0700);
    touch("dir/c");
    int other = At.open(dir, Name.of("dir"), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    assertThat(readAllFrom(other)).containsOnlyKeys("c");
    Fd.close(other);
  }

  @Test
  void next_ofAFileIsEnotdir() throws Exception {
    int fd = create("a", "");
    assertErrno(Errno.ENOTDIR, () -> reader.reset(fd).next());
    Fd.close(fd);
  }
}
