package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.base.Splitter;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.PythonProgram;
import dev.lamina.fixtures.mount.RequiresFileSystems;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fixtures.mount.ScratchFileSystem;
import dev.lamina.fuse.session.PassthroughPolicy;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Files that the kernel reads and writes without the server: seen by the requests that stay away.
 */
@RequiresFuse
@NotOverLibfuse("it has no passthrough")
class PassthroughTest {
  private Path lower;
  private Path upper;
  private Path mountPoint;
  private Path scripts;
  private CountedCalls calls;
  private Overlay overlay;
  private FuseMount mount;

  @BeforeEach
  void makeLayers(MountScratch scratch) throws Exception {
    List<String> release = Splitter.on('.').splitToList(System.getProperty("os.version"));
    int version = Integer.parseInt(release.get(0)) * 100 + Integer.parseInt(release.get(1));
    assumeTrue(version >= 609, "skipped: FUSE passthrough needs Linux 6.9");
    lower = scratch.directory("lower");
    upper = scratch.directory("upper");
    mountPoint = scratch.directory("mount");
    scripts = scratch.directory("scripts");
    Files.writeString(lower.resolve("data"), "data of lower");
    // All of a library that the server looks at.
    Files.writeString(lower.resolve("library"), "\u007fELF and so on");
  }

  private void mount(MountScratch scratch, PassthroughPolicy policy, boolean writable)
      throws IOException {
    OverlayOptions.Builder options = OverlayOptions.builder().addLower(lower);
    if (writable) {
      options.writable(upper, scratch.directory("work"));
    }
    overlay = Overlay.open(options.syncBeforePublish(false).build());
    calls = new CountedCalls(overlay.inodes());
    mount = TestMounts.of(calls.fileSystem()).on(mountPoint).passthrough(policy).mount();
  }

  @AfterEach
  void unmount() throws IOException {
    if (mount != null) {
      mount.close();
      overlay.close();
    }
  }

  private String python(String program) throws Exception {
    Path script = PythonProgram.write(scripts.resolve("program.py"), program);
    return Programs.sh("cd \"$1\"; LOWER=$3 exec python3 \"$2\"", mountPoint, script, lower);
  }

  @Test
  void upperFile_isWrittenAndReadByTheKernel(MountScratch scratch) throws Exception {
    mount(scratch, PassthroughPolicy.AUTO, true);
    String printed =
        python(
            """
            fd = os.open("new", os.O_RDWR | os.O_CREAT)
            for i in range(50):
                os.write(fd, b"x" * 4096)
            print(len(os.pread(fd, 1 << 20, 0)), os.fstat(fd).st_size)
            os.close(fd)
            write("new", b"appended", os.O_WRONLY | os.O_APPEND)
            write("data", b"DATA")
            print(read("new")[-8:], read("data"))
            """);
    assertThat(printed).isEqualTo("204800 204800\nb'appended' b'DATA of lower'");
    assertThat(calls.of("write")).isZero();
    assertThat(calls.of("read")).isZero();
    assertThat(upper.resolve("data")).hasContent("DATA of lower");
  }

  @Test
  void lowerFile_isCachedInAWritableMountAndCodeIsNot(MountScratch scratch) throws Exception {
    mount(scratch, PassthroughPolicy.AUTO, true);
    assertThat(python("print(read('library')[-2:])")).isEqualTo("b'on'");
    assertThat(calls.of("read")).isZero();
    assertThat(python("print(read('data'))")).isEqualTo("b'data of lower'");
    assertThat(calls.of("read")).as("once, at the open").isEqualTo(1);
    assertThat(python("print(read('data'))")).isEqualTo("b'data of lower'");
    assertThat(calls.of("read")).as("again").isEqualTo(1);
  }

  @Test
  void readOnlyMount_isReadByTheKernelAlone(MountScratch scratch) throws Exception {
    mount(scratch, PassthroughPolicy.AUTO, false);
    assertThat(python("print(read('data'), read('library')[:1])"))
        .isEqualTo("b'data of lower' b'\\x7f'");
    assertThat(calls.of("read")).isZero();
  }

  @Test
  void off_asksTheServer(MountScratch scratch) throws Exception {
    mount(scratch, PassthroughPolicy.OFF, true);
    python("write('new', b'x', os.O_WRONLY | os.O_CREAT); print(read('new'), read('library'))");
    assertThat(calls.of("write")).isEqualTo(1);
    assertThat(calls.of("read")).isPositive();
  }

  @Test
  void lowerAccessTimes_doNotMove(MountScratch scratch) throws Exception {
    mount(scratch, PassthroughPolicy.ALL, true);
    String printed =
        python(
            """
            path = os.environ["LOWER"] + "/library"
            os.utime(path, (1, 2))
            m = mmap.mmap(os.open("library", os.O_RDONLY), 0, mmap.MAP_SHARED, mmap.PROT_READ)
            print(read("library")[-2:], m[-2:], os.stat(path).st_atime)
            """);
    assertThat(printed).isEqualTo("b'on' b'on' 1.0");
  }

  @Test
  void writesThroughAMapping_moveTheTimeThatStatShows(MountScratch scratch) throws Exception {
    mount(scratch, PassthroughPolicy.AUTO, true);
    String printed =
        python(
            """
            write("new", b"x" * 8192, os.O_WRONLY | os.O_CREAT)
            os.utime("new", (1, 1))
            os.stat("new")
            fd = os.open("new", os.O_RDWR)
            print(os.stat("new").st_mtime)
            m = mmap.mmap(fd, 8192)
            os.close(fd)
            m[0:3] = b"abc"
            print(os.stat("new").st_mtime > 1, read("new")[:4])
            """);
    assertThat(printed).isEqualTo("1.0\nTrue b'abcx'");
  }

  @Test
  void writesThroughAMappingThatOutlivesItsDescriptor_moveTheTimeThatStatShows(MountScratch scratch)
      throws Exception {
    mount(scratch, PassthroughPolicy.AUTO, true);
    String printed =
        python(
            """
            import ctypes, time
            libc = ctypes.CDLL(None)
            libc.mmap.restype = ctypes.c_void_p
            write("new", b"x" * 8192, os.O_WRONLY | os.O_CREAT)
            fd = os.open("new", os.O_RDWR)
            # The one of Python keeps a descriptor of its own.
            at = libc.mmap(None, ctypes.c_size_t(8192), 3, 1, fd, ctypes.c_long(0))
            os.close(fd)
            time.sleep(0.2)
            os.utime("new", (1, 1))
            print(os.stat("new").st_mtime)
            ctypes.memset(at, 65, 3)
            print(os.stat("new").st_mtime > 1, read("new")[:4])
            """);
    assertThat(printed).isEqualTo("1.0\nTrue b'AAAx'");
  }

  @Test
  void changesOfALibraryThatWasHandedOver_areSeenUnderItsName(MountScratch scratch)
      throws Exception {
    mount(scratch, PassthroughPolicy.AUTO, true);
    String printed =
        python(
            """
            old = os.open("library", os.O_RDONLY)
            write("library", b"NEW!")
            os.stat("library")
            os.fchmod(old, 0o700)
            print(oct(os.stat("library").st_mode))
            os.utime(old, (5, 5))
            print(os.stat("library").st_mtime)
            before = os.stat("library").st_ctime_ns
            # Until the clock of old kernels' time stamps has moved.
            while time.clock_gettime_ns(5) <= before:  # CLOCK_REALTIME_COARSE
                time.sleep(0.001)
            os.setxattr(old, "user.a", b"b")
            print(os.stat("library").st_ctime_ns > before)
            """);
    assertThat(printed).isEqualTo("0o100700\n5.0\nTrue");
  }

  @Test
  void lowerLibraryWrittenWhileMapped_isHandedOver(MountScratch scratch) throws Exception {
    mount(scratch, PassthroughPolicy.AUTO, true);
    String printed =
        python(
            """
            old = os.open("library", os.O_RDONLY)
            mapped = mmap.mmap(old, 0, mmap.MAP_SHARED, mmap.PROT_READ)
            ino = os.fstat(old).st_ino
            write("library", b"NEW!")
            print(read("library")[:8], os.pread(old, 4, 0), mapped[:4])
            print(os.stat("library").st_ino == ino, os.fstat(old).st_ino == ino)
            write("library", b"longer than it was", os.O_WRONLY | os.O_APPEND)
            print(os.stat("library").st_size == os.fstat(old).st_size)
            os.unlink("library")
            print(os.path.exists("library"), os.pread(old, 4, 0))
            """);
    assertThat(printed)
        .isEqualTo(
            """
            b'NEW! and' b'\\x7fELF' b'\\x7fELF'
            True True
            True
            False b'\\x7fELF'"""
                .stripIndent());
    assertThat(lower.resolve("library")).hasContent("\u007fELF and so on");
  }

  @Test
  void truncatedByPath_isSeenByTheNextOpen(MountScratch scratch) throws Exception {
    mount(scratch, PassthroughPolicy.ALL, true);
    String printed =
        python(
            """
            old = os.open("data", os.O_RDONLY)
            os.truncate("data", 4)
            print(read("data"), os.stat("data").st_size)
            """);
    assertThat(printed).isEqualTo("b'data' 4");
  }

  @Test
  void descriptorOfALowerFile_seesWhatIsWrittenLater(MountScratch scratch) throws Exception {
    mount(scratch, PassthroughPolicy.AUTO, true);
    String printed =
        python(
            """
            old = os.open("data", os.O_RDONLY)
            write("data", b"DATA")
            print(os.pread(old, 13, 0), read("data"))
            """);
    assertThat(printed).isEqualTo("b'DATA of lower' b'DATA of lower'");
  }

  @Test
  void setuid_isLostByAWriteOfAnOrdinaryUser(MountScratch scratch) throws Exception {
    mount(scratch, PassthroughPolicy.AUTO, true);
    String printed =
        python(
            """
            write("program", b"x", os.O_WRONLY | os.O_CREAT)
            os.chmod("program", 0o6777)
            as_user(1000, 1000, lambda: write("program", b"y"))
            print(mode("program"))
            """);
    assertThat(printed).isEqualTo("100777 0:0");
    assertThat(calls.of("write")).isZero();
  }

  @Test
  @RequiresFileSystems
  void removedFile_givesItsSpaceBack(MountScratch scratch) throws Exception {
    Path small = ScratchFileSystem.TMPFS.mountIn(scratch);
    upper = Files.createDirectory(small.resolve("upper"));
    overlay =
        Overlay.open(
            OverlayOptions.builder()
                .addLower(lower)
                .writable(upper, Files.createDirectory(small.resolve("work")))
                .build());
    mount = TestMounts.of(overlay.inodes()).on(mountPoint).mount();
    String printed =
        python(
            """
            before = os.statvfs(".").f_bfree
            write("big", b"x" * (8 << 20), os.O_WRONLY | os.O_CREAT)
            print(before - os.statvfs(".").f_bfree >= 2048)
            os.unlink("big")
            for i in range(1000):
                if os.statvfs(".").f_bfree == before:
                    break
                time.sleep(0.05)
            print(before - os.statvfs(".").f_bfree)
            """);
    assertThat(printed.toLowerCase(Locale.ROOT)).isEqualTo("true\n0");
  }
}
