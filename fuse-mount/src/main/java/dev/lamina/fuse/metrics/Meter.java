package dev.lamina.fuse.metrics;

import dev.lamina.fuse.wire.Opcode;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * What one thread that serves counts. It alone writes, without fences, as nobody waits for a
 * figure; any thread may read, and finds whatever was reached.
 */
public final class Meter {
  /** Room for every opcode of the protocol; {@code CUSE_INIT}, 4096, never comes here. */
  private static final int OPCODES = 64;

  /** Room for every errno of Linux. */
  private static final int ERRNOS = 134;

  private static final int NANOS = Latencies.BUCKETS;
  private static final int IDLE = 0;

  /** By opcode, the buckets and the sum of one kind; null until the first of it. */
  private final AtomicReferenceArray<AtomicLongArray> kinds = new AtomicReferenceArray<>(OPCODES);

  private final AtomicLongArray errors = new AtomicLongArray(ERRNOS);
  private final Map<OpenKind, AtomicLong> opens = new EnumMap<>(OpenKind.class);

  /** Of the request under way: its opcode, or {@link #IDLE}, its node, its start. */
  private final AtomicLongArray current = new AtomicLongArray(3);

  private int opcode;
  private long start;

  Meter() {
    for (OpenKind how : OpenKind.values()) {
      opens.put(how, new AtomicLong());
    }
  }

  /** This thread has a request. */
  public void begin(int kind, long node) {
    opcode = kind > 0 && kind < OPCODES ? kind : IDLE;
    start = System.nanoTime();
    current.setOpaque(1, node);
    current.setOpaque(2, start);
    current.setRelease(0, opcode);
  }

  /**
   * The reply to the request is ready.
   *
   * @param errno that it has, or 0
   */
  public void end(int errno) {
    current.setOpaque(0, IDLE);
    if (opcode != IDLE) {
      long nanos = System.nanoTime() - start;
      AtomicLongArray row = row(opcode);
      add(row, Latencies.bucketOf(nanos), 1);
      add(row, NANOS, nanos);
    }
    if (errno > 0 && errno < ERRNOS) {
      add(errors, errno, 1);
    }
  }

  /** A file was opened. */
  public void opened(OpenKind how) {
    AtomicLong count = opens.get(how);
    count.setOpaque(count.getPlain() + 1);
  }

  private AtomicLongArray row(int kind) {
    AtomicLongArray row = kinds.getPlain(kind);
    if (row == null) {
      row = new AtomicLongArray(NANOS + 1);
      kinds.setRelease(kind, row);
    }
    return row;
  }

  private static void add(AtomicLongArray counts, int index, long more) {
    counts.setOpaque(index, counts.getPlain(index) + more);
  }

  /** Requests of all kinds. */
  long total() {
    long sum = 0;
    for (int kind = 1; kind < OPCODES; kind++) {
      sum += count(kinds.getAcquire(kind));
    }
    return sum;
  }

  private static long count(AtomicLongArray row) {
    long sum = 0;
    for (int bucket = 0; row != null && bucket < Latencies.BUCKETS; bucket++) {
      sum += row.getOpaque(bucket);
    }
    return sum;
  }

  void addRequests(Map<String, Latencies> sums) {
    for (int kind = 1; kind < OPCODES; kind++) {
      AtomicLongArray row = kinds.getAcquire(kind);
      if (row != null) {
        sums.merge(Opcode.name(kind), latencies(row), Latencies::plus);
      }
    }
  }

  private static Latencies latencies(AtomicLongArray row) {
    long[] counts = new long[Latencies.BUCKETS];
    for (int bucket = 0; bucket < counts.length; bucket++) {
      counts[bucket] = row.getOpaque(bucket);
    }
    return Latencies.of(counts, row.getOpaque(NANOS));
  }

  void addErrors(Map<Integer, Long> sums) {
    for (int errno = 1; errno < ERRNOS; errno++) {
      long count = errors.getOpaque(errno);
      if (count > 0) {
        sums.merge(errno, count, Long::sum);
      }
    }
  }

  void addOpens(Map<OpenKind, Long> sums) {
    opens.forEach((how, count) -> sums.merge(how, count.getOpaque(), Long::sum));
  }

  /** The request under way, or null. */
  MountMetrics.UnderWay underWay() {
    int kind = (int) current.getAcquire(0);
    if (kind == IDLE) {
      return null;
    }
    long nanos = System.nanoTime() - current.getOpaque(2);
    return new MountMetrics.UnderWay(Opcode.name(kind), current.getOpaque(1), Math.max(nanos, 0));
  }
}
