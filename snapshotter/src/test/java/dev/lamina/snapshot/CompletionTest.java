package dev.lamina.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.fixtures.faults.TestedProcess;
import dev.lamina.fixtures.mount.MountScratch;
import dev.lamina.fixtures.mount.RequiresRoot;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.overlay.Caller;
import dev.lamina.overlay.Index;
import dev.lamina.overlay.InodeFileSystem;
import dev.lamina.overlay.Opened;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Large files that were written in part are whole before a snapshot is a layer. */
@RequiresRoot
final class CompletionTest {
  private static final int SIZE = (int) OverlayOptions.PARTIAL_FROM * 2;

  private final Completion completion = new Completion(Duration.ofMillis(300));
  private final byte[] content = new byte[SIZE];
  private Path lower;
  private Path upper;
  private Path work;
  private OverlayOptions options;

  @BeforeEach
  void makeLayers(MountScratch scratch) throws Exception {
    lower = scratch.directory("lower");
    upper = scratch.directory("upper");
    work = scratch.directory("work");
    Arrays.fill(content, (byte) 'l');
    Files.write(lower.resolve("large"), content);
    options =
        OverlayOptions.builder()
            .addLower(lower)
            .writable(upper, work)
            .index(Index.OFF)
            .partialQuiet(Duration.ofHours(1))
            .build();
  }

  /** One byte at the start of the large file; files that share blocks are never partial. */
  private void writeInPart(Overlay overlay) throws ErrnoException {
    InodeFileSystem inodes = overlay.inodes();
    long node = overlay.paths().node("/large".getBytes(StandardCharsets.UTF_8), true);
    Opened opened = new Opened();
    inodes.open(Caller.self(), node, OpenFlags.O_RDWR, opened);
    NativeMemory memory = NativeMemory.allocate(1);
    memory.putByte(0, (byte) 'u');
    inodes.write(opened.handle, memory, 0, 1, 0);
    inodes.release(opened.handle);
    inodes.forget(node, 1);
    content[0] = 'u';
    assumeTrue(
        Files.exists(work.resolve("work/incompat/lamina-partial")), "the filesystem shares blocks");
  }

  @Test
  void partialFileOfALiveMount_isWaitedFor() throws Exception {
    completion.complete(upper, work, List.of(lower));
    try (Overlay overlay = Overlay.open(options)) {
      overlay.paths().write("/small", new byte[1]);
      completion.complete(upper, work, List.of(lower));
      writeInPart(overlay);
      assertThatThrownBy(() -> completion.complete(upper, work, List.of(lower)))
          .isInstanceOf(SnapshotException.class)
          .hasMessageContaining("is mounted");
    }
    completion.complete(upper, work, List.of(lower));
    assertThat(upper.resolve("large")).hasBinaryContent(content);
  }

  @Test
  void partialFileOfAKilledServer_isCompleted() throws Exception {
    try (TestedProcess process = new TestedProcess(false)) {
      process.run(
          () -> {
            writeInPart(Overlay.open(options));
            return null;
          });
    }
    completion.complete(upper, work, List.of(lower));
    assertThat(work.resolve("work/incompat")).doesNotExist();
    assertThat(upper.resolve("large")).hasBinaryContent(content);
  }
}
