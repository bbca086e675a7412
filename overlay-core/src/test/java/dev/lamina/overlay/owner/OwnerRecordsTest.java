package dev.lamina.overlay.owner;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.linux.At;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Identity;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records as containers/storage, fuse-overlayfs and nobody write them. */
class OwnerRecordsTest {
  private static final Name FILE = Name.of("file");
  private static final Name CONTAINERS = Name.of("user.containers.override_stat");
  private static final Name FUSE_OVERLAYFS = Name.of("user.fuseoverlayfs.override_stat");
  private static final Name PRIVILEGED = Name.of("security.fuseoverlayfs.override_stat");

  private int dir;

  @BeforeEach
  void makeFile(@TempDir Path scratch) throws Exception {
    assumeTrue(Identity.processUid() == 0, "chown and security.* take root");
    dir = At.openDirectory(At.FDCWD, Name.of(scratch.toString()));
    Fd.close(At.open(dir, FILE, OpenFlags.O_CREAT | OpenFlags.O_WRONLY, 0640));
  }

  @AfterEach
  void close() {
    Fd.close(dir);
  }

  private void record(Name attribute, String value) throws Exception {
    Xattr.set(dir, FILE, attribute, value.getBytes(US_ASCII), 0);
  }

  /** The file as {@code records} show it: owner, mode, device. */
  private String read(OwnerRecords records, Name name) throws Exception {
    Stat stat = new Stat();
    assertThat(At.stat(dir, name, stat)).isTrue();
    records.read(dir, name, stat);
    Stat byDescriptor = new Stat();
    int fd = At.open(dir, name, OpenFlags.O_PATH, 0);
    try {
      At.stat(fd, byDescriptor);
      records.read(fd, byDescriptor);
    } finally {
      Fd.close(fd);
    }
    assertThat(text(byDescriptor)).isEqualTo(text(stat));
    return text(stat);
  }

  private static String text(Stat stat) {
    return "%s:%s %o %d,%d"
        .formatted(
            Integer.toUnsignedString(stat.uid),
            Integer.toUnsignedString(stat.gid),
            stat.mode,
            FileMode.major(stat.rdev),
            FileMode.minor(stat.rdev));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "11:12:4755:file | 11:12 104755 0,0",
        "0:0:0000:file | 0:0 100000 0,0",
        "4294967294:4294967294:0644:file | 4294967294:4294967294 100644 0,0",
        "1:2:0666:char-1-3 | 1:2 20666 1,3",
        "1:2:0660:block-4095-1048575 | 1:2 60660 4095,1048575",
        "1:2:0644:pipe | 1:2 10644 0,0",
        "1:2:0755:socket | 1:2 140755 0,0",
        "13:14:0600 | 13:14 100600 0,0",
        "13:14:104755 | 13:14 104755 0,0",
        "1:2:0777:dir | 1:2 100777 0,0",
        "1:2:0777:symlink | 1:2 100777 0,0"
      })
  void record_overridesOwnerModeAndDevice(String record, String shown) throws Exception {
    record(CONTAINERS, record);
    assertThat(read(OwnerRecords.STORE, FILE)).isEqualTo(shown);
    assertThat(read(OwnerRecords.ORDINARY, FILE)).isEqualTo(shown);
    assertThat(read(OwnerRecords.PRIVILEGED, FILE)).isEqualTo("0:0 100640 0,0");
    assertThat(read(OwnerRecords.NONE, FILE)).isEqualTo("0:0 100640 0,0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbage",
        ":",
        "1",
        "1:2",
        "1:2:",
        "1:2:9:file",
        "1:2:0644:what",
        "1:2:0644:files",
        "1:2:7777777:file",
        "-1:2:0644:file",
        "4294967295:0:0644:file",
        "99999999999999999999:0:0644:file",
        "1:2:0644:char",
        "1:2:0644:char-1",
        "1:2:0644:char-1-3-5",
        "1:2:0644:char-4096-0",
        "1:2:0644:char-1-1048576",
        "1:2:0644:char-0-0",
        "1:2:0644:file:"
      })
  void record_thatIsRubbish_countsAsNone(String record) throws Exception {
    record(CONTAINERS, record);
    assertThat(read(OwnerRecords.STORE, FILE)).isEqualTo("0:0 100640 0,0");
    record(CONTAINERS, record + "x".repeat(500));
    assertThat(read(OwnerRecords.STORE, FILE)).isEqualTo("0:0 100640 0,0");
  }

  @Test
  void fuseOverlayfsOwnRecord_winsOverTheOneItCopiedAlong() throws Exception {
    record(CONTAINERS, "1:2:0644:file");
    record(FUSE_OVERLAYFS, "3:4:100600");
    assertThat(read(OwnerRecords.ORDINARY, FILE)).isEqualTo("3:4 100600 0,0");
    Stat stat = new Stat();
    stat.uid = 5;
    stat.gid = 6;
    stat.mode = FileMode.S_IFREG | 0400;
    OwnerRecords.ORDINARY.write(dir, FILE, stat);
    assertThat(read(OwnerRecords.ORDINARY, FILE)).isEqualTo("5:6 100400 0,0");
    assertThat(Xattr.get(dir, FILE, CONTAINERS)).asString(US_ASCII).isEqualTo("1:2:0644:file");
  }

  @ParameterizedTest
  @CsvSource({
    "100644, 0, 33:4294967294:0644:file",
    "104000, 0, 33:4294967294:4000:file",
    "100007, 0, 33:4294967294:0007:file",
    "10600, 0, 33:4294967294:0600:pipe",
    "140755, 0, 33:4294967294:0755:socket",
    "20666, 259, 33:4294967294:0666:char-1-3",
    "60660, 0, 33:4294967294:0660:block-0-0"
  })
  void write_isWhatContainersStorageWrites(String mode, long device, String expected)
      throws Exception {
    Stat stat = new Stat();
    stat.uid = 33;
    stat.gid = -2;
    stat.mode = Integer.parseInt(mode, 8);
    stat.rdev = device;
    OwnerRecords.STORE.write(dir, FILE, stat);
    assertThat(Xattr.get(dir, FILE, CONTAINERS)).asString(US_ASCII).isEqualTo(expected);
    OwnerRecords.PRIVILEGED.write(dir, FILE, stat);
    assertThat(Xattr.get(dir, FILE, PRIVILEGED)).asString(US_ASCII).isEqualTo(expected);
    int fd = At.open(dir, FILE, OpenFlags.O_PATH, 0);
    try {
      stat.uid = 44;
      OwnerRecords.STORE.write(fd, stat);
    } finally {
      Fd.close(fd);
    }
    assertThat(Xattr.get(dir, FILE, CONTAINERS))
        .asString(US_ASCII)
        .isEqualTo(expected.replaceFirst("33", "44"));
    At.stat(dir, FILE, stat);
    assertThat(stat.uid).as("the file's own").isZero();
    assertThat(stat.mode).isEqualTo(0100640);
  }

  @Test
  void symbolicLink_hasARecordOnlyWhereRootWritesThem() throws Exception {
    Name link = Name.of("link");
    At.symlink(Name.of("target"), dir, link);
    assertThat(read(OwnerRecords.STORE, link)).startsWith("0:0 ");
    Stat stat = new Stat();
    stat.uid = 5;
    stat.gid = 6;
    stat.mode = FileMode.S_IFLNK | 0777;
    OwnerRecords.PRIVILEGED.write(dir, link, stat);
    assertThat(Xattr.get(dir, link, PRIVILEGED)).asString(US_ASCII).isEqualTo("5:6:0777:symlink");
    assertThat(read(OwnerRecords.PRIVILEGED, link)).isEqualTo("5:6 120777 0,0");
    // Root can give it away, as fuse-overlayfs does.
    OwnerRecords.STORE.write(dir, link, stat);
    assertThat(read(OwnerRecords.NONE, link)).startsWith("5:6 ");
    assertThat(read(OwnerRecords.STORE, link)).startsWith("5:6 ");
  }
}
