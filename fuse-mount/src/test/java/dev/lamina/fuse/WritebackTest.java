package dev.lamina.fuse;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.PythonProgram;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fuse.session.PassthroughPolicy;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What programs see where the kernel keeps for a while what they write. */
@RequiresFuse
@NotOverLibfuse("it has no writeback caching")
class WritebackTest {
  private static final int LARGE = 8 << 20;

  private Path lower;
  private Path upper;
  private Path scripts;
  private Overlay overlay;
  private FuseMount mount;

  @BeforeEach
  void mount(MountScratch scratch) throws IOException {
    lower = scratch.directory("lower");
    Files.writeString(lower.resolve("data"), "data of lower");
    Files.write(lower.resolve("large"), "0123456789abcdef".repeat(LARGE / 16).getBytes(US_ASCII));
    Files.createDirectory(lower.resolve("tree"));
    for (int i = 0; i < 50; i++) {
      Files.writeString(lower.resolve("tree/f" + i), "x");
    }
    upper = scratch.directory("upper");
    scripts = scratch.directory("scripts");
    overlay =
        Overlay.open(
            OverlayOptions.builder()
                .addLower(lower)
                .writable(upper, scratch.directory("work"))
                .syncBeforePublish(false)
                .build());
    mount =
        TestMounts.of(overlay.inodes())
            .passthrough(PassthroughPolicy.OFF)
            .writeback(true)
            .on(scratch.directory("mount"))
            .mount();
  }

  @AfterEach
  void unmount() throws IOException {
    if (mount != null) {
      mount.close();
    }
    overlay.close();
  }

  private String python(String program) throws Exception {
    Path script = PythonProgram.write(scripts.resolve("program.py"), program);
    return Programs.sh("cd \"$1\"; exec python3 \"$2\"", mount.mountPoint(), script);
  }

  private long requests(String kind) {
    return mount.requests().getOrDefault(kind, 0L);
  }

  @Test
  void smallWrites_becomeFewRequests() throws Exception {
    String printed =
        python(
            """
            fd = os.open("new", os.O_WRONLY | os.O_CREAT)
            for i in range(2000):
                os.pwrite(fd, b"%04d" % i, i * 4)
            print(os.fstat(fd).st_size, read("new")[-4:])
            os.close(fd)
            """);
    assertThat(printed).isEqualTo("8000 b'1999'");
    assertThat(requests("WRITE")).isLessThan(20);
    assertThat(Files.size(upper.resolve("new"))).as("written back at close").isEqualTo(8000);
  }

  @Test
  void writeIntoTheMiddleOfAPage_keepsTheRest() throws Exception {
    String printed =
        python(
            """
            fd = os.open("data", os.O_WRONLY)
            os.pwrite(fd, b"DATA", 0)
            os.close(fd)
            fd = os.open("data", os.O_WRONLY | os.O_APPEND)
            os.write(fd, b" and more")
            os.close(fd)
            print(read("data"))
            fd = os.open("large", os.O_WRONLY)
            os.pwrite(fd, b"XY", 5000001)
            os.close(fd)
            data = read("large")
            print(len(data), data[5000000:5000004], data[4096:4100])
            os.chmod("data", 0o200)
            """);
    assertThat(printed).isEqualTo("b'DATA of lower and more'\n8388608 b'0XY3' b'0123'");
    assertThat(upper.resolve("data")).hasContent("DATA of lower and more");
  }

  @Test
  void everyLookAtAFile_seesWhatIsNotWrittenYet() throws Exception {
    String printed =
        python(
            """
            import mmap
            fd = os.open("new", os.O_RDWR | os.O_CREAT)
            os.ftruncate(fd, 1 << 20)
            os.pwrite(fd, b"deep", 500000)
            print(os.lseek(fd, 0, os.SEEK_DATA) <= 500000, os.stat("new").st_size)
            copy = os.open("copy", os.O_RDWR | os.O_CREAT)
            left = 1 << 20
            while left:
                left -= os.copy_file_range(fd, copy, left)
            print(os.pread(copy, 4, 500000))
            seen = mmap.mmap(fd, 0)
            print(seen[500000:500004])
            seen[0:3] = b"map"
            print(os.pread(fd, 3, 0))
            os.rename("new", "renamed")
            print(read("renamed")[:3])
            os.unlink("renamed")
            os.pwrite(fd, b"gone", 8)
            print(os.pread(fd, 4, 8), os.fstat(fd).st_nlink)
            """);
    assertThat(printed).isEqualTo("True 1048576\nb'deep'\nb'deep'\nb'map'\nb'map'\nb'gone' 0");
  }

  @Test
  void times_areThoseOfTheWriteOrThoseThatWereSet() throws Exception {
    String printed =
        python(
            """
            import time
            before = time.time() - 1
            fd = os.open("data", os.O_WRONLY)
            os.write(fd, b"D")
            print(before < os.fstat(fd).st_mtime < time.time() + 1)
            os.utime("data", (1000, 2000))
            os.close(fd)
            print(os.stat("data").st_mtime)
            os.utime("tree/f0", (1000, 3000))
            os.chmod("tree/f0", 0o600)
            print(os.stat("tree/f0").st_mtime)
            """);
    assertThat(printed).isEqualTo("True\n2000.0\n3000.0");
    mount.close();
    assertThat(Files.getLastModifiedTime(upper.resolve("data")).toMillis()).isEqualTo(2_000_000);
    assertThat(Files.getLastModifiedTime(upper.resolve("tree/f0")).toMillis()).isEqualTo(3_000_000);
  }

  @Test
  void removalOfALowerTree_promotesNothing() throws Exception {
    python("import shutil; shutil.rmtree('tree')");
    assertThat(requests("SETATTR")).isLessThanOrEqualTo(50);
    mount.close();
    try (Stream<Path> left = Files.walk(upper.getParent().resolve("work"))) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
    try (Stream<Path> left = Files.walk(upper)) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
  }
}
