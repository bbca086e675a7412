package dev.lamina.benchmarks;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.overlay.Caller;
import dev.lamina.overlay.Entry;
import dev.lamina.overlay.InodeFileSystem;
import dev.lamina.overlay.Opened;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the union takes to bring a file up for its first write: to find what is to be done, and to
 * do it. Each call takes another file, so calls are counted and not timed one by one.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, batchSize = PromotionBenchmark.BATCH)
@Measurement(iterations = 5, batchSize = PromotionBenchmark.BATCH)
@Fork(1)
public class PromotionBenchmark {
  static final int BATCH = 1000;
  private static final int BATCHES = 10;

  /** Bytes of each file. */
  @Param({"0", "4096", "65536"})
  private int size;

  private final Caller caller = Caller.self();
  private final Entry entry = new Entry();
  private final Opened opened = new Opened();
  private Path scratch;
  private Overlay overlay;
  private InodeFileSystem inodes;
  private int next;

  @Setup
  public void open() throws IOException {
    scratch = Files.createTempDirectory("lamina-benchmark");
    Path lower = Files.createDirectory(scratch.resolve("lower"));
    byte[] content = new byte[size];
    for (int i = 0; i < BATCH * BATCHES; i++) {
      Files.write(lower.resolve("f" + i), content);
    }
    overlay =
        Overlay.open(
            OverlayOptions.builder()
                .addLower(lower)
                .writable(
                    Files.createDirectory(scratch.resolve("upper")),
                    Files.createDirectory(scratch.resolve("work")))
                .build());
    inodes = overlay.inodes();
  }

  @TearDown
  public void close() throws IOException {
    overlay.close();
    MoreFiles.deleteRecursively(scratch, RecursiveDeleteOption.ALLOW_INSECURE);
  }

  /** A thousand files looked up, opened for writing, and closed. */
  @Benchmark
  public void openForWriting() throws ErrnoException {
    inodes.lookup(InodeFileSystem.ROOT, Name.of("f" + next++), entry);
    inodes.open(caller, entry.node, OpenFlags.O_WRONLY, opened);
    inodes.release(opened.handle);
    inodes.forget(entry.node, 1);
  }
}
