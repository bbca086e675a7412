package dev.lamina.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class DiskUsageTest extends DirectoryTest {
  private static final int MEBIBYTE = 1 << 20;

  @Test
  void below_anEmptyDirectory_isNothing() throws Exception {
    assertThat(DiskUsage.below(dir)).isZero();
  }

  @Test
  void below_countsBlocks_eachFileOnce_andFollowsNoLink() throws Exception {
    At.mkdir(dir, Name.of("d"), 0700);
    Files.write(path.resolve("d/data"), new byte[MEBIBYTE]);
    long one = DiskUsage.below(dir);
    assertThat(one).isBetween((long) MEBIBYTE, MEBIBYTE + 65536L);
    At.link(dir, Name.of("d/data"), dir, Name.of("again"));
    At.symlink(Name.of("d"), dir, Name.of("link"));
    assertThat(DiskUsage.below(dir)).isBetween(one, one + 4096);
    Files.write(path.resolve("other"), new byte[MEBIBYTE]);
    assertThat(DiskUsage.below(dir)).isGreaterThanOrEqualTo(one + MEBIBYTE);
  }

  @Test
  void below_aSparseFile_isWhatItTakes() throws Exception {
    touch("sparse");
    int fd = At.open(dir, Name.of("sparse"), OpenFlags.O_WRONLY, 0);
    Fd.truncate(fd, 1L << 30);
    Fd.close(fd);
    assertThat(DiskUsage.below(dir)).isLessThan(MEBIBYTE);
  }

  @Test
  void of_countsTheRootAndEachFileOnce() throws Exception {
    assertThat(DiskUsage.of(dir).inodes()).isEqualTo(1);
    At.mkdir(dir, Name.of("d"), 0700);
    Files.write(path.resolve("d/data"), new byte[MEBIBYTE]);
    At.link(dir, Name.of("d/data"), dir, Name.of("again"));
    At.symlink(Name.of("d"), dir, Name.of("link"));
    DiskUsage.Total total = DiskUsage.of(dir);
    assertThat(total.inodes()).isEqualTo(4);
    assertThat(total.bytes()).isGreaterThanOrEqualTo(DiskUsage.below(dir));
  }
}
