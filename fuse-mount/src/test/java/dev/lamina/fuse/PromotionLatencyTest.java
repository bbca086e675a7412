package dev.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresFuse;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.NativeMemory;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** A file on its way into the upper, as a whole, holds nobody up, however long that takes. */
@RequiresFuse
final class PromotionLatencyTest {
  private static final int SIZE = 1 << 20;
  private static final int OTHERS = 100;

  /** A lower whose data is not to be had before the test says so. */
  private static final class SlowLower extends LoopbackFileSystem {
    final CountDownLatch asked = new CountDownLatch(1);
    final CountDownLatch given = new CountDownLatch(1);

    SlowLower(Path source) throws ErrnoException {
      super(source);
    }

    @Override
    public int read(long handle, NativeMemory memory, int at, int size, long offset)
        throws ErrnoException {
      asked.countDown();
      try {
        given.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return super.read(handle, memory, at, size, offset);
    }
  }

  /** In the same directory, none of them looked up before. */
  @Test
  @SuppressWarnings("try") // mounts are used by being there
  void lookupsBesideAFile_areAnsweredWhileItIsPromoted(MountScratch scratch) throws Exception {
    Path source = scratch.directory("source");
    Files.write(source.resolve("large"), new byte[SIZE]);
    for (int i = 0; i < OTHERS; i++) {
      Files.createFile(source.resolve("f" + i));
    }
    Path lower = scratch.directory("lower");
    OverlayOptions options =
        OverlayOptions.builder()
            .addLower(lower)
            .writable(scratch.directory("upper"), scratch.directory("work"))
            .partialFrom(Long.MAX_VALUE)
            .build();
    try (SlowLower slow = new SlowLower(source);
        FuseMount below = FuseMount.of(slow).workers(3).on(lower).mount();
        Overlay overlay = Overlay.open(options);
        FuseMount mount =
            TestMounts.of(overlay.inodes()).workers(3).on(scratch.directory("mnt")).mount()) {
      try {
        FutureTask<Long> writer = new FutureTask<>(() -> writeOneByte(mount.mountPoint()));
        new Thread(writer, "writer").start();
        slow.asked.await();
        for (int i = 0; i < OTHERS; i++) {
          assertThat(mount.mountPoint().resolve("f" + i)).exists();
        }
        assertThat(writer.isDone()).as("the file is still on its way").isFalse();
        slow.given.countDown();
        assertThat(writer.get()).isEqualTo(SIZE);
      } finally {
        slow.given.countDown();
      }
    }
    assertThat(source.resolve("large")).hasBinaryContent(new byte[SIZE]);
  }

  /** The size of the file afterwards. */
  private static long writeOneByte(Path mnt) throws Exception {
    try (FileChannel channel = FileChannel.open(mnt.resolve("large"), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {'y'}));
      return channel.size();
    }
  }
}
