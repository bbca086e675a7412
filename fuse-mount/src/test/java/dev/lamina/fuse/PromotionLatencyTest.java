package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A large file on its way into the upper, as a whole, holds nobody up. */
@RequiresFuse
final class PromotionLatencyTest {
  private static final int MIB = 1 << 20;
  private static final int OTHERS = 20_000;

  @Test
  void lookupsBesideALargeFile_areAnsweredWhileItIsPromoted(MountScratch scratch) throws Exception {
    promote(scratch, 256);
  }

  @Tag("long")
  @Test
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void lookupsBesideALargeFile_areAnsweredWhileItIsPromoted_long(MountScratch scratch)
      throws Exception {
    promote(scratch, 4096);
  }

  /** In the same directory, none of them looked up before; at least ten before the open returns. */
  @SuppressWarnings("try") // mounts are used by being there
  private static void promote(MountScratch scratch, int mebibytes) throws Exception {
    Path lower = scratch.directory("lower");
    Path mnt = scratch.directory("mnt");
    writeFile(lower.resolve("large"), mebibytes);
    for (int i = 0; i < OTHERS; i++) {
      Files.createFile(lower.resolve("f" + i));
    }
    OverlayOptions options =
        OverlayOptions.builder()
            .addLower(lower)
            .writable(scratch.directory("upper"), scratch.directory("work"))
            .partialFrom(Long.MAX_VALUE)
            .build();
    try (Overlay overlay = Overlay.open(options)) {
      WatchedCalls calls = new WatchedCalls(overlay.inodes());
      CountDownLatch asked = new CountDownLatch(1);
      calls.before("open", asked::countDown);
      try (FuseMount mount = FuseMount.of(calls.fileSystem()).on(mnt).mount()) {
        FutureTask<Long> writer = new FutureTask<>(() -> writeOneByte(mount.mountPoint()));
        new Thread(writer, "writer").start();
        assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
        int answered = 0;
        for (int i = 0; calls.of("open") == 0 && i < OTHERS; i++) {
          assertThat(mnt.resolve("f" + i)).exists();
          if (calls.of("open") == 0) {
            answered++;
          }
        }
        assertThat(writer.get()).isEqualTo((long) mebibytes * MIB);
        assertThat(answered).as("lookups before the file was open").isGreaterThanOrEqualTo(10);
      }
    }
    assertThat(lower.resolve("large")).hasSize((long) mebibytes * MIB);
  }

  private static void writeFile(Path file, int mebibytes) throws Exception {
    ByteBuffer block = ByteBuffer.allocateDirect(MIB);
    byte[] content = new byte[MIB];
    Arrays.fill(content, (byte) 'x');
    block.put(content);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int i = 0; i < mebibytes; i++) {
        block.rewind();
        channel.write(block);
      }
    }
  }

  /** The size of the file afterwards. */
  private static long writeOneByte(Path mnt) throws Exception {
    try (FileChannel channel = FileChannel.open(mnt.resolve("large"), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {'y'}));
      return channel.size();
    }
  }
}
