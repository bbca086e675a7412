package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.RequiresKernelOverlay;
import dev.lamina.fixtures.tree.Layer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What users of fuse-overlayfs complain of in its tracker, and what must not be true here: data.
 * Each test has the number of the thread, where there is one. The others are in {@link
 * ComplaintsOnNamesTest} and {@link ComplaintsOnLoadTest}.
 */
@RequiresFuse
@RequiresKernelOverlay
class ComplaintsOnDataTest {
  private TwoMounts mounts;

  @BeforeEach
  void mount(MountScratch scratch) throws Exception {
    Layer lower = Layer.builder().file("f", "data").file("ro", "read only").mode(0444).build();
    mounts = TwoMounts.over(scratch, lower);
  }

  @AfterEach
  void unmount() throws Exception {
    mounts.close();
  }

  @Test
  void issue475_largeSqliteFileCopiedUp_isNotCorrupted() throws Exception {
    String printed =
        mounts.same(
            """
            import sqlite3
            path = os.environ["LOWER"] + "/db"
            db = sqlite3.connect(path)
            db.execute("create table t (k integer primary key, v blob)")
            db.executemany("insert into t values (?, ?)", ((i, bytes([i % 251]) * 4000) for i in range(5000)))
            db.commit()
            db.close()
            reader = sqlite3.connect("db")
            print(reader.execute("select count(*), sum(length(v)) from t").fetchone())
            writer = sqlite3.connect("db")
            writer.execute("update t set v = x'00' where k % 7 = 0")
            writer.commit()
            print(reader.execute("select count(*), sum(length(v)) from t").fetchone())
            print(reader.execute("pragma integrity_check").fetchone())
            """);
    assertThat(printed)
        .isEqualTo(
            """
            (5000, 20000000)
            (5000, 17140715)
            ('ok',)
            """
                .strip());
  }

  @Test
  void issue399_copyFileRangeFromAReadOnlyFile_isNotEACCES() throws Exception {
    String printed =
        mounts.same(
            """
            def user():
                source = os.open("ro", os.O_RDONLY)
                target = os.open("/proc/self/cwd/open/new", os.O_RDWR | os.O_CREAT, 0o400)
                result("copy", os.copy_file_range, source, target, 100)
                print(os.pread(target, 100, 0))
            os.mkdir("open")
            os.chmod("open", 0o777)
            as_user(1000, 1000, user)
            """);
    assertThat(printed)
        .isEqualTo(
            """
            copy -> 9
            b'read only'
            """
                .strip());
  }

  @Test
  @NotOverLibfuse("the protocol that it speaks has no lseek, so nobody sees holes")
  void holesOfALowerFile_doNotBecomeDataOnCopyUp() throws Exception {
    // Those of kernel overlayfs do in part.
    String printed =
        mounts.onOurs(
            """
            fd = os.open(os.environ["LOWER"] + "/sparse", os.O_RDWR | os.O_CREAT)
            os.ftruncate(fd, 64 << 20)
            os.pwrite(fd, b"middle", 32 << 20)
            os.close(fd)
            write("sparse", b"start")
            print(extents("sparse"), os.stat("sparse").st_blocks < 1000, os.stat("sparse").st_size)
            print(extents(os.environ["UPPER"] + "/sparse"))
            """);
    assertThat(printed)
        .isEqualTo(
            """
            [(0, 4096), (33554432, 33558528)] True 67108864
            [(0, 4096), (33554432, 33558528)]
            """
                .strip());
  }

  @Test
  void unlinkOfALowerFile_doesNotCopyItUpFirst() throws Exception {
    String printed =
        mounts.same(
            """
            path = os.environ["LOWER"] + "/large"
            fd = os.open(path, os.O_CREAT | os.O_WRONLY)
            os.write(fd, b"x" * (32 << 20))
            os.fsync(fd)
            os.unlink("large")
            whiteout = os.lstat(os.environ["UPPER"] + "/large")
            print(stat.S_ISCHR(whiteout.st_mode), whiteout.st_rdev, os.path.lexists("large"))
            """);
    assertThat(printed).isEqualTo("True 0 False");
  }
}
