package dev.lamina.nio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many threads on one file system, and an end while they are at work. */
@Timeout(300)
final class SharingTest {
  private static final int THREADS = 8;

  @TempDir Path directory;

  private interface Work {
    void run(int thread) throws Exception;
  }

  private static void together(Work work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        all.add(
            threads.submit(
                () -> {
                  work.run(thread);
                  return null;
                }));
      }
      for (Future<?> one : all) {
        one.get(200, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void createNew_succeedsForOne() throws Exception {
    try (LaminaFileSystem fileSystem = LaminaFileSystem.open(Unions.writable(directory))) {
      for (int round = 0; round < 30; round++) {
        Path file = fileSystem.getPath("file" + round);
        AtomicInteger winners = new AtomicInteger();
        together(
            thread -> {
              try {
                Files.createFile(file);
                winners.incrementAndGet();
              } catch (FileAlreadyExistsException e) {
                assertThat(file).exists();
              }
              Files.writeString(file, "x", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            });
        assertThat(winners).hasValue(1);
        assertThat(file).hasSize(THREADS);
      }
    }
  }

  @Test
  void channels_areSharedByThreads() throws Exception {
    try (LaminaFileSystem fileSystem = LaminaFileSystem.open(Unions.writable(directory));
        FileChannel channel =
            FileChannel.open(
                fileSystem.getPath("f"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
      together(
          thread -> {
            for (int i = 0; i < 100; i++) {
              channel.write(ByteBuffer.wrap(new byte[] {(byte) thread, (byte) thread}));
            }
          });
      assertThat(channel.position()).isEqualTo(THREADS * 200);
      byte[] all = Files.readAllBytes(fileSystem.getPath("f"));
      for (int i = 0; i < all.length; i += 2) {
        assertThat(all[i]).isEqualTo(all[i + 1]);
      }
    }
  }

  @Test
  void close_endsWhoIsAtWork() throws Exception {
    for (int round = 0; round < 10; round++) {
      Path place = Files.createDirectory(directory.resolve("round" + round));
      LaminaFileSystem fileSystem = LaminaFileSystem.open(Unions.writable(place));
      Files.writeString(fileSystem.getPath("file"), "content");
      together(
          thread -> {
            if (thread == 0) {
              Thread.sleep(20);
              fileSystem.close();
            } else {
              workUntilClosed(fileSystem, thread);
            }
          });
      assertThat(fileSystem.isOpen()).isFalse();
    }
  }

  private static void workUntilClosed(LaminaFileSystem fileSystem, int thread) throws IOException {
    Path own = fileSystem.getPath("own" + thread);
    try {
      while (true) {
        Files.writeString(own, Files.readString(fileSystem.getPath("file")));
        try (var list = Files.newDirectoryStream(fileSystem.getPath("/"))) {
          list.forEach(entry -> assertThat(entry.isAbsolute()).isTrue());
        } catch (IllegalStateException e) {
          assertThat(fileSystem.isOpen()).isFalse();
        }
        Files.delete(own);
      }
    } catch (ClosedFileSystemException | AsynchronousCloseException e) {
      assertThat(fileSystem.isOpen()).isFalse();
    } catch (ClosedChannelException e) {
      assertThat(fileSystem.isOpen()).isFalse();
    }
  }
}
