package dev.lamina.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.fuse.session.PassthroughPolicy;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The data that comes with an open must never be older than what the mount was told since. */
@RequiresFuse
class EarlyDataTest {
  private static final int FILES = 400;
  private static final String OLD = "old data of a lower file\n".repeat(100);

  @Test
  @SuppressWarnings("try") // the mount is used by its path
  void fileTruncatedAndWrittenWhileItIsFirstOpened_showsTheNewData(MountScratch scratch)
      throws Exception {
    Path lower = scratch.directory("lower");
    for (int i = 0; i < FILES; i++) {
      Files.writeString(lower.resolve("f" + i), OLD);
    }
    OverlayOptions options =
        OverlayOptions.builder()
            .addLower(lower)
            .writable(scratch.directory("upper"), scratch.directory("work"))
            .syncBeforePublish(false)
            .build();
    Path root = scratch.directory("target");
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (UnionMount ignored = UnionMount.of(options, root)) {
      for (int i = 0; i < FILES; i++) {
        Path file = root.resolve("f" + i);
        assertThat(Files.size(file)).isEqualTo(OLD.length());
        CyclicBarrier start = new CyclicBarrier(2);
        Future<byte[]> reader =
            threads.submit(
                () -> {
                  start.await();
                  return Files.readAllBytes(file);
                });
        String now = i % 2 == 0 ? "" : "new";
        start.await();
        truncateAndWrite(file, now);
        reader.get();
        assertThat(Files.readString(file)).as("file %d", i).isEqualTo(now);
        assertThat(Files.size(file)).isEqualTo(now.length());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  @SuppressWarnings("try") // the mount is used by its path
  void accessTimeOfAnUpperFile_movesAsWithARead(MountScratch scratch) throws Exception {
    Path upper = scratch.directory("upper");
    Path file = Files.writeString(upper.resolve("file"), "data");
    Programs.sh("touch -a -d @1000 \"$1\"; touch -m -d @2000 \"$1\"", file);
    OverlayOptions options =
        OverlayOptions.builder()
            .addLower(scratch.directory("lower"))
            .writable(upper, scratch.directory("work"))
            .syncBeforePublish(false)
            .build();
    Path root = scratch.directory("target");
    Overlay overlay = Overlay.open(options);
    try (overlay;
        FuseMount ignored =
            TestMounts.of(overlay.inodes()).passthrough(PassthroughPolicy.OFF).on(root).mount()) {
      assertThat(Programs.sh("stat -c %X \"$1\"", root.resolve("file"))).isEqualTo("1000");
      assertThat(root.resolve("file")).hasContent("data");
      assertThat(Long.parseLong(Programs.sh("stat -c %X \"$1\"", root.resolve("file"))))
          .isEqualTo(Long.parseLong(Programs.sh("stat -c %X \"$1\"", file)))
          .isGreaterThan(1000);
    }
  }

  private static void truncateAndWrite(Path file, String data) throws Exception {
    if (data.isEmpty()) {
      Programs.sh("truncate -s 0 \"$1\"", file);
      return;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(data.getBytes(UTF_8)));
    }
  }
}
