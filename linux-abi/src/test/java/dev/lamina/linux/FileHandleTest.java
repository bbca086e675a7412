package dev.lamina.linux;

import static dev.lamina.linux.Host.assertErrno;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

class FileHandleTest extends DirectoryTest {
  private static final Name FILE = Name.of("file");
  private static final Name MOVED = Name.of("moved");

  @Test
  void handleLeadsToTheInodeWhereverItMoves() throws Exception {
    assumeTrue(Identity.processUid() == 0, "opening by handle needs a capability");
    touch("file");
    FileHandle handle = FileHandle.of(dir, FILE);
    assumeTrue(handle != null, "no handles on " + path);
    Stat before = new Stat();
    At.stat(dir, FILE, before);
    At.rename(dir, FILE, dir, MOVED, 0);

    assertThat(FileHandle.of(dir, MOVED)).isEqualTo(handle);
    int self = At.open(dir, Name.of("."), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    try {
      Stat after = new Stat();
      int fd = handle.open(self, OpenFlags.O_PATH);
      try {
        At.stat(fd, after);
      } finally {
        Fd.close(fd);
      }
      assertThat(after.ino).isEqualTo(before.ino);
      At.unlink(dir, MOVED);
      assertErrno(Errno.ESTALE, () -> handle.open(self, OpenFlags.O_PATH));
    } finally {
      Fd.close(self);
    }
  }

  @Test
  void filesystemWithoutHandles_hasNone() throws Exception {
    int proc = At.openDirectory(At.FDCWD, Name.of("/proc"));
    try {
      assertThat(FileHandle.of(proc, Name.of("self"))).isNull();
    } finally {
      Fd.close(proc);
    }
  }

  @Test
  void filesystemUuid_sixteenBytesOrUnknown() throws Exception {
    int self = At.open(dir, Name.of("."), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
    try {
      byte[] uuid = Fd.filesystemUuid(self);
      if (uuid != null) {
        assertThat(uuid).hasSize(16).isEqualTo(Fd.filesystemUuid(self));
      }
    } finally {
      Fd.close(self);
    }
    int proc = At.openHostPath(Name.of("/proc"), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    try {
      assertThat(Fd.filesystemUuid(proc)).isNull();
    } finally {
      Fd.close(proc);
    }
  }
}
