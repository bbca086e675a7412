package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What the kernel asks for common operations: the table in docs/performance.md, held to. Each
 * operation runs in a program of its own making, between two looks at the mount's counters.
 */
@RequiresFuse
@NotOverLibfuse("it asks more")
class RequestCountTest {
  /** Nobody waits for these. */
  private static final Set<String> IN_THE_BACKGROUND =
      Set.of("RELEASE", "FORGET", "BATCH_FORGET", "INTERRUPT");

  private static final Path TABLE = Path.of("../docs/performance.md");

  /** Operation, what comes before it, and itself, in Python; the working directory is the mount. */
  private static final String[][] OPERATIONS = {
    {"`stat` of a file for the first time", "", "os.stat('a1')"},
    {"`stat` of a file seen before", "os.stat('a2')", "os.stat('a2')"},
    {"`stat` of a name known to be absent", "exists('absent')", "exists('absent')"},
    {"list a directory of 100 names", "os.stat('d1')", "os.listdir('d1')"},
    {"list it again", "os.listdir('d2')", "os.listdir('d2')"},
    {"list it with attributes (`ls -l`)", "os.stat('d3')", "attributes('d3')"},
    {"the same again", "attributes('d4')", "attributes('d4')"},
    {"`readlink` again", "os.readlink('link')", "os.readlink('link')"},
    {"open and close a lower file", "os.stat('a3')", "os.close(os.open('a3', os.O_RDONLY))"},
    {"open, read and close a lower file", "os.stat('a4')", "read('a4')"},
    {"the same again", "read('a5')", "read('a5')"},
    {"open, read and close a lower program", "os.stat('elf')", "read('elf')"},
    {"open, read and close an upper file", "write('up1', b'x')", "read('up1')"},
    {"map and read an upper file", "write('up2', b'x')", "mapped('up2')"},
    {"create, write 1 MiB and close", "", "write('new1', b'x' * (1 << 20))"},
    {"write to and close an upper file", "write('up3', b'x')", "append('up3')"},
    {"`stat` of a file just written", "write('up4', b'x')", "os.stat('up4')"},
    {"write to and close a lower file (promotion)", "os.stat('a6')", "append('a6')"},
    {"`fsync` of an open file", "f = open('up5', 'wb')", "os.fsync(f.fileno())"},
    {"`chmod`", "os.stat('a7')", "os.chmod('a7', 0o600)"},
    {"`mkdir`", "", "os.mkdir('made1')"},
    {"`rmdir`", "os.mkdir('made2')", "os.rmdir('made2')"},
    {"`unlink` of an upper file", "write('up6', b'x')", "os.unlink('up6')"},
    {"`unlink` of a lower file", "os.stat('a8')", "os.unlink('a8')"},
    {"rename to a new name", "write('up7', b'x')", "os.rename('up7', 'up8')"},
    {"rename of a lower directory", "os.stat('d5')", "os.rename('d5', 'd6')"},
    {"`getxattr`", "os.stat('a9')", "xattr('a9')"},
    {"`statfs`", "", "os.statvfs('.')"},
  };

  private static final String DRIVER =
      """
      import os, sys, mmap
      def exists(path): return os.path.exists(path)
      def attributes(path): return [entry.stat() for entry in os.scandir(path)]
      def read(path):
          fd = os.open(path, os.O_RDONLY)
          data = os.read(fd, 1 << 20)
          os.close(fd)
          return data
      def write(path, data):
          fd = os.open(path, os.O_WRONLY | os.O_CREAT)
          os.write(fd, data)
          os.close(fd)
      def append(path):
          fd = os.open(path, os.O_WRONLY | os.O_APPEND)
          os.write(fd, b'more')
          os.close(fd)
      def mapped(path):
          fd = os.open(path, os.O_RDONLY)
          data = mmap.mmap(fd, 0, mmap.MAP_SHARED, mmap.PROT_READ)[:]
          os.close(fd)
      def xattr(path):
          try:
              os.getxattr(path, 'user.none')
          except OSError:
              pass
      os.stat('.')
      for line in sys.stdin:
          exec(line)
          print('done', flush=True)
      """;

  @Test
  void operationsAskNoMoreThanTheTableSays(MountScratch scratch) throws Exception {
    Path mountPoint = scratch.directory("mount");
    OverlayOptions.Builder options =
        OverlayOptions.builder()
            .addLower(lower(scratch))
            .writable(scratch.directory("upper"), scratch.directory("work"));
    try (Overlay overlay = Overlay.open(options.build());
        FuseMount mount = TestMounts.of(overlay.inodes()).on(mountPoint).mount()) {
      List<String> measured = measure(mount, scratch);
      List<String> table = tableRows();
      String all = "measured:\n" + String.join("\n", measured);
      assertThat(measured).as(all).hasSameSizeAs(table);
      for (int i = 0; i < measured.size(); i++) {
        List<String> now = cells(measured.get(i));
        List<String> said = cells(table.get(i));
        assertThat(now.get(1)).as(all).isEqualTo(said.get(1));
        assertThat(Integer.parseInt(now.get(2)))
            .as("%s, %s", now.get(1), all)
            .isLessThanOrEqualTo(Integer.parseInt(said.get(2)));
      }
    }
  }

  private static List<String> cells(String row) {
    return Splitter.on('|').trimResults().splitToList(row);
  }

  private static Path lower(MountScratch scratch) throws IOException {
    Path lower = scratch.directory("lower");
    for (int i = 0; i < 10; i++) {
      Files.writeString(lower.resolve("a" + i), "data of lower");
    }
    Files.writeString(lower.resolve("elf"), "\u007fELF and so on");
    Files.createSymbolicLink(lower.resolve("link"), Path.of("a1"));
    for (int d = 1; d <= 5; d++) {
      Path directory = Files.createDirectory(lower.resolve("d" + d));
      for (int i = 0; i < 98; i++) {
        Files.createFile(directory.resolve("name-" + i));
      }
    }
    return lower;
  }

  private static List<String> measure(FuseMount mount, MountScratch scratch) throws Exception {
    Path driver = scratch.root().resolve("driver.py");
    Files.writeString(driver, DRIVER);
    Process process =
        new ProcessBuilder(
                "sh",
                "-c",
                "cd \"$0\" && exec python3 \"$1\"",
                "" + mount.mountPoint(),
                "" + driver)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<String> rows = new ArrayList<>();
    try (PrintWriter in = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String[] operation : OPERATIONS) {
        run(in, out, operation[1]);
        Map<String, Long> before = settled(mount);
        run(in, out, operation[2]);
        rows.add(row(operation[0], difference(before, mount.requests())));
      }
    } finally {
      process.destroyForcibly();
    }
    return rows;
  }

  /** The counts once nothing comes any more: a file just written is released in the background. */
  private static Map<String, Long> settled(FuseMount mount) throws InterruptedException {
    Map<String, Long> before = Map.of();
    Map<String, Long> now = mount.requests();
    while (!now.equals(before)) {
      before = now;
      Thread.sleep(50);
      now = mount.requests();
    }
    return now;
  }

  private static void run(PrintWriter in, BufferedReader out, String line) throws IOException {
    in.println(line);
    assertThat(out.readLine()).as(line).isEqualTo("done");
  }

  private static Map<String, Long> difference(Map<String, Long> before, Map<String, Long> after) {
    Map<String, Long> more = new TreeMap<>(after);
    more.keySet().removeAll(IN_THE_BACKGROUND);
    before.forEach((kind, count) -> more.computeIfPresent(kind, (k, now) -> now - count));
    more.values().removeIf(count -> count == 0);
    return more;
  }

  private static String row(String operation, Map<String, Long> requests) {
    String kinds =
        requests.entrySet().stream()
            .map(kind -> kind.getKey() + (kind.getValue() > 1 ? " x" + kind.getValue() : ""))
            .collect(Collectors.joining(", "));
    long sum = requests.values().stream().mapToLong(Long::longValue).sum();
    return ("| " + operation + " | " + sum + " | " + kinds + " |").replace("  ", " ");
  }

  private static List<String> tableRows() throws IOException {
    return Files.readAllLines(TABLE).stream()
        .dropWhile(line -> !line.startsWith("| operation | requests"))
        .skip(2)
        .takeWhile(line -> line.startsWith("|"))
        .toList();
  }
}
