package dev.lamina.benchmarks;

import dev.lamina.fuse.wire.In;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.fuse.wire.Reply;
import dev.lamina.fuse.wire.Request;
import dev.lamina.linux.Errno;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.Entry;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What reading a request of the kernel's and writing its reply cost, without doing anything. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class WireBenchmark {
  private static final byte[] NAME = "libpython3.11.so.1.0\0".getBytes(StandardCharsets.US_ASCII);
  private static final int UNIQUE = 17;

  private final NativeMemory asked = NativeMemory.allocate(In.Header.SIZE + NAME.length);
  private final NativeMemory answered = NativeMemory.allocate(4096);
  private final Request request = new Request();
  private final Reply reply = new Reply();
  private final Name name = new Name();
  private final Entry entry = new Entry();
  private final Stat stat = new Stat();

  @Setup
  public void writeRequest() {
    asked.putInt(In.Header.LEN, asked.size());
    asked.putInt(In.Header.OPCODE, Opcode.LOOKUP);
    asked.putLong(In.Header.UNIQUE, UNIQUE);
    asked.putLong(In.Header.NODEID, 1);
    asked.put(In.Header.SIZE, NAME, 0, NAME.length);
    entry.node = 2;
    // Once, as a worker does.
    reply.reset(answered);
  }

  /** A LOOKUP read, and its entry written. */
  @Benchmark
  public int lookup() {
    request.reset(asked, asked.size());
    if (!request.isWellFormed() || request.opcode() != Opcode.LOOKUP) {
      throw new IllegalStateException();
    }
    request.name(0, name);
    reply.finish(request.unique(), reply.entry(entry, true));
    return reply.length() + name.length();
  }

  /** A reply with attributes. */
  @Benchmark
  public int attributes() {
    reply.finish(UNIQUE, reply.attributes(stat, true));
    return reply.length();
  }

  /** A reply that says no. */
  @Benchmark
  public int error() {
    reply.error(UNIQUE, Errno.ENOENT);
    return reply.length();
  }
}
