package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Layer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Descriptors and mappings that stay while their file changes. */
@RequiresFuse
@RequiresKernelOverlay
class OpenFileTest {
  private TwoMounts mounts;

  @BeforeEach
  void mount(MountScratch scratch) throws Exception {
    Layer lower =
        Layer.builder()
            .file("a", "data of a")
            .file("b", "data of b")
            .file("c", "data of c")
            .build();
    mounts = TwoMounts.over(scratch, lower);
  }

  @AfterEach
  void unmount() throws Exception {
    mounts.close();
  }

  @Test
  void appends_ofTwoProcessesAllArrive() throws Exception {
    mounts.same(
        """
            def append(line):
                fd = os.open("c", os.O_WRONLY | os.O_APPEND)
                for i in range(100):
                    os.write(fd, line)
            pid = os.fork()
            if pid == 0:
                append(b"child\\n")
                os._exit(0)
            append(b"parent\\n")
            os.waitpid(pid, 0)
            lines = read("c").split(b"\\n")
            # the first of them, whichever it is, follows the data on one line
            print(sum(line.endswith(b"child") for line in lines))
            print(sum(line.endswith(b"parent") for line in lines))
            print(lines[0].startswith(b"data of c"), len(read("c")))
            """);
  }

  @Test
  void directIo_readsAndWritesLowerAndUpper() throws Exception {
    mounts.same(
        """
            def buffer(byte):
                memory = mmap.mmap(-1, 8192)
                memory.write(byte * 8192)
                return memory
            fd = os.open("a", os.O_RDWR | os.O_DIRECT)
            result("write", os.pwritev, fd, [buffer(b"D")], 0)
            memory = buffer(b"-")
            result("read", os.preadv, fd, [memory], 4096)
            print(memory[:3])
            result("read a lower", os.preadv, os.open("b", os.O_RDONLY | os.O_DIRECT), [memory], 0)
            print(memory[:9])
            """);
  }

  @Test
  void bufferedReadAfterDirectWrite_isFresh() throws Exception {
    // fuse-overlayfs: a buffered read is stale after a direct write.
    String printed =
        mounts.same(
            """
            fd = os.open("a", os.O_RDWR)
            os.ftruncate(fd, 8192)
            print(os.pread(fd, 4, 0))
            memory = mmap.mmap(-1, 4096)
            memory.write(b"Z" * 4096)
            os.pwritev(os.open("a", os.O_RDWR | os.O_DIRECT), [memory], 0)
            print(os.pread(fd, 4, 0))
            """);
    assertThat(printed)
        .isEqualTo(
            """
            b'data'
            b'ZZZZ'
            """
                .strip());
  }

  @Test
  void synchronousWrite_isWritten() throws Exception {
    mounts.same(
        """
            fd = os.open("new", os.O_WRONLY | os.O_CREAT | os.O_SYNC)
            result("write", os.write, fd, b"x")
            print(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_SYNC == os.O_SYNC)
            result("fsync", os.fsync, fd)
            """);
  }

  @Test
  void mappings_seeWhatIsWrittenAfterPromotion() throws Exception {
    String printed =
        mounts.onOurs(
            """
            reader = os.open("a", os.O_RDONLY)
            shared = mmap.mmap(reader, 0, mmap.MAP_SHARED, mmap.PROT_READ)
            print(shared[:4])
            writer = os.open("a", os.O_RDWR)
            os.pwrite(writer, b"DATA", 0)
            print(shared[:4], os.pread(reader, 4, 0))
            mapped = mmap.mmap(writer, 0)
            mapped[0:4] = b"MMAP"
            print(shared[:4], os.pread(reader, 4, 0), read("a"))
            mapped.flush()
            print(read(os.environ["UPPER"] + "/a"))
            private = mmap.mmap(writer, 0, mmap.MAP_PRIVATE)
            private[0:4] = b"mine"
            print(private[:4], os.pread(reader, 4, 0))
            """);
    assertThat(printed)
        .isEqualTo(
            """
            b'data'
            b'DATA' b'DATA'
            b'MMAP' b'MMAP' b'MMAP of a'
            b'MMAP of a'
            b'mine' b'MMAP'
            """
                .strip());
  }

  @Test
  void unlinkedFile_staysReadableAndWritable() throws Exception {
    mounts.same(
        """
            reader = os.open("a", os.O_RDONLY)
            writer = os.open("a", os.O_RDWR)
            os.pwrite(writer, b"DATA", 0)
            os.rename("a", "renamed")
            os.truncate("renamed", 2)
            print(os.pread(reader, 10, 0))
            os.unlink("renamed")
            os.pwrite(writer, b"gone", 0)
            print(os.pread(reader, 10, 0), os.fstat(reader).st_nlink, os.fstat(writer).st_nlink)
            print(os.fstat(reader).st_ino == os.fstat(writer).st_ino, os.listdir("."))
            """);
  }

  @Test
  void runningProgram_isNotWrittenTo() throws Exception {
    String printed =
        mounts.same(
            """
            with open("/bin/sleep", "rb") as source:
                write("sleep", source.read(), os.O_WRONLY | os.O_CREAT)
            os.chmod("sleep", 0o755)
            program = subprocess.Popen(["./sleep", "20"])
            try:
                result("write", os.open, "sleep", os.O_WRONLY)
                result("truncate", os.truncate, "sleep", 0)
                result("open and truncate", os.open, "sleep", os.O_WRONLY | os.O_TRUNC)
                result("unlink", os.unlink, "sleep")
            finally:
                program.kill()
                program.wait()
            fd = os.open("script", os.O_WRONLY | os.O_CREAT, 0o755)
            os.write(fd, b"#!/bin/sh\\necho run\\n")
            result("run while open", subprocess.check_output, ["./script"])
            os.close(fd)
            result("run", subprocess.check_output, ["./script"])
            """);
    assertThat(printed)
        .isEqualTo(
            """
            write -> ETXTBSY
            truncate -> ETXTBSY
            open and truncate -> ETXTBSY
            unlink -> ok
            run while open -> ETXTBSY
            run -> b'run\\n'
            """
                .strip());
  }
}
