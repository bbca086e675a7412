package dev.lamina.benchmarks;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.Caller;
import dev.lamina.overlay.DirectorySink;
import dev.lamina.overlay.Entry;
import dev.lamina.overlay.InodeFileSystem;
import dev.lamina.overlay.Opened;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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

/** What the union itself costs under a transport: one operation of the seam, over some layers. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SeamBenchmark {
  private static final int ENTRIES_PER_LAYER = 200;

  @Param({"1", "5", "50"})
  private int layers;

  private final Caller caller = Caller.self();
  private final Entry entry = new Entry();
  private final Opened opened = new Opened();
  private final Stat stat = new Stat();
  private final Name known = Name.of("known");
  private final Name absent = Name.of("absent");
  private final Name fresh = Name.of("fresh");
  private final NativeMemory memory = NativeMemory.allocate(4096);
  private final CountingSink sink = new CountingSink();
  private Path scratch;
  private Overlay overlay;
  private InodeFileSystem inodes;
  private long node;
  private long directory;
  private long handle;

  /** Takes everything and keeps nothing. */
  private static final class CountingSink implements DirectorySink {
    private int count;

    @Override
    public boolean fits(int nameLength) {
      return true;
    }

    @Override
    public void accept(
        byte[] names, int from, int length, long ino, int type, long nextOffset, Entry found) {
      count++;
    }
  }

  @Setup
  public void open() throws IOException {
    scratch = Files.createTempDirectory("lamina-benchmark");
    OverlayOptions.Builder options =
        OverlayOptions.builder()
            .writable(
                Files.createDirectory(scratch.resolve("upper")),
                Files.createDirectory(scratch.resolve("work")));
    for (int i = 0; i < layers; i++) {
      Path layer = Files.createDirectories(scratch.resolve("lower" + i + "/d"));
      for (int k = 0; k < ENTRIES_PER_LAYER; k++) {
        Files.createFile(layer.resolve("f-" + i + "-" + k));
      }
      options.addLower(layer.getParent());
    }
    // In the lowest layer, so that a lookup has to pass all others.
    Files.write(scratch.resolve("lower" + (layers - 1) + "/d/known"), new byte[4096]);
    overlay = Overlay.open(options.build());
    inodes = overlay.inodes();
    inodes.lookup(InodeFileSystem.ROOT, Name.of("d"), entry);
    directory = entry.node;
    inodes.lookup(directory, known, entry);
    node = entry.node;
    inodes.open(caller, node, OpenFlags.O_RDONLY, opened);
    handle = opened.handle;
  }

  @TearDown
  public void close() throws IOException {
    overlay.close();
    try (Stream<Path> tree = Files.walk(scratch)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** A name that is remembered. */
  @Benchmark
  public boolean lookupKnown() throws ErrnoException {
    boolean found = inodes.lookup(directory, known, entry);
    inodes.forget(entry.node, 1);
    return found;
  }

  /** A name that no layer has. */
  @Benchmark
  public boolean lookupAbsent() throws ErrnoException {
    return inodes.lookup(directory, absent, entry);
  }

  @Benchmark
  public long getattr() throws ErrnoException {
    inodes.getattr(node, stat);
    return stat.size;
  }

  /** 4 KiB of an open file. */
  @Benchmark
  public int read() throws ErrnoException {
    return inodes.read(handle, memory, 0, 4096, 0);
  }

  /** All names of a merged directory with {@link #ENTRIES_PER_LAYER} of each layer. */
  @Benchmark
  public int readdir() throws ErrnoException {
    sink.count = 0;
    inodes.readdir(directory, 0, false, sink);
    return sink.count;
  }

  /** A new file, written by nobody, and its end. */
  @Benchmark
  public void createAndUnlink() throws ErrnoException {
    inodes.create(caller, directory, fresh, 0644, OpenFlags.O_WRONLY, entry, opened);
    inodes.release(opened.handle);
    inodes.unlink(caller, directory, fresh);
    inodes.forget(entry.node, 1);
  }
}
