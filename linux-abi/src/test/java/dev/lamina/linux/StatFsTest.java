package dev.lamina.linux;

import static dev.lamina.linux.Host.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.FileStore;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class StatFsTest extends DirectoryTest {
  @Test
  void read_agreesWithTheJdk() throws Exception {
    StatFs statfs = new StatFs().read(dir);
    FileStore store = Files.getFileStore(path);
    assertThat(statfs.blocks * statfs.fragmentSize).isEqualTo(store.getTotalSpace());
    assertThat(statfs.blockSize).isEqualTo(store.getBlockSize());
    assertThat(statfs.freeBlocks).isBetween(statfs.availableBlocks, statfs.blocks);
    assertThat(statfs.freeFiles).isLessThanOrEqualTo(statfs.files);
    assertThat(statfs.nameLength).isEqualTo(Name.NAME_MAX);
  }

  @Test
  void read_procIsProc() throws Exception {
    int proc = At.openHostPath(Name.of("/proc"), OpenFlags.O_PATH);
    assertThat(new StatFs().read(proc).type).isEqualTo(0x9fa0 /* PROC_SUPER_MAGIC */);
    Fd.close(proc);
    assertErrno(Errno.EBADF, () -> new StatFs().read(-1));
  }
}
