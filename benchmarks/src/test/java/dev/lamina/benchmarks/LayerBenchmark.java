package dev.lamina.benchmarks;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.lamina.fixtures.image.TarBuilder;
import dev.lamina.image.Digest;
import dev.lamina.image.LayerBlob;
import dev.lamina.layer.Dialect;
import dev.lamina.layer.LayerReader;
import dev.lamina.layer.LayerUnpacker;
import dev.lamina.layer.UnpackLimits;
import dev.lamina.layer.UnpackedLayer;
import dev.lamina.layer.tar.TarEntry;
import dev.lamina.linux.Fd;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What a layer of 1,000 files of 4 KiB costs: to read and verify it, and to unpack it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class LayerBenchmark {
  private static final int FILES = 1000;
  private static final int FILES_OF_DIRECTORY = 50;

  private byte[] tar;
  private LayerBlob layer;
  private Path scratch;
  private int round;

  /** Takes everything and keeps nothing. */
  private static final class Counting implements LayerReader.Listener {
    private int count;

    @Override
    public void object(byte[][] path, TarEntry entry, InputStream data) {
      count++;
    }

    @Override
    public void whiteout(byte[][] path) {
      count++;
    }

    @Override
    public void opaque(byte[][] path) {
      count++;
    }
  }

  @Setup
  public void makeLayer() throws IOException {
    TarBuilder builder = new TarBuilder();
    byte[] content = new byte[4096];
    for (int i = 0; i < FILES; i++) {
      if (i % FILES_OF_DIRECTORY == 0) {
        builder.dir("d" + i / FILES_OF_DIRECTORY + "/");
      }
      builder.file("d" + i / FILES_OF_DIRECTORY + "/f" + i, content);
    }
    tar = builder.bytes();
    Digest digest = Digest.sha256(tar);
    layer =
        new LayerBlob(
            "layer",
            "application/vnd.oci.image.layer.v1.tar",
            Optional.of(digest),
            tar.length,
            digest);
    scratch = Files.createTempDirectory("lamina-benchmark");
  }

  @TearDown(Level.Iteration)
  public void empty() throws IOException {
    MoreFiles.deleteDirectoryContents(scratch, RecursiveDeleteOption.ALLOW_INSECURE);
  }

  @TearDown
  public void close() throws IOException {
    MoreFiles.deleteRecursively(scratch, RecursiveDeleteOption.ALLOW_INSECURE);
  }

  /** Read and verified. */
  @Benchmark
  public int read() throws IOException {
    Counting counting = new Counting();
    new LayerReader(UnpackLimits.DEFAULT).read(layer, new ByteArrayInputStream(tar), counting);
    return counting.count;
  }

  /** Unpacked, not synced. */
  @Benchmark
  public UnpackedLayer unpack() throws IOException, InterruptedException {
    int staging = Scratch.open(Files.createDirectory(scratch.resolve("staging" + round++)));
    try {
      return new LayerUnpacker(Dialect.TRUSTED, UnpackLimits.DEFAULT)
          .unpack(
              layer,
              new ByteArrayInputStream(tar),
              staging,
              Optional.empty(),
              List::of,
              bytes -> {});
    } finally {
      Fd.close(staging);
    }
  }
}
