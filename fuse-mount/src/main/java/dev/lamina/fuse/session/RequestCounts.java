package dev.lamina.fuse.session;

import dev.lamina.fuse.wire.Opcode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How many requests of each kind a connection has served. Each worker counts for itself, so
 * counting costs an addition; the sum is of whatever the workers have reached. Thread-safe.
 */
public final class RequestCounts {
  /** Room for every opcode of the protocol; {@code CUSE_INIT}, 4096, never comes here. */
  private static final int OPCODES = 64;

  private final List<AtomicLongArray> workers = new CopyOnWriteArrayList<>();

  /** The counts of one more worker, by opcode; that worker alone adds to them. */
  public AtomicLongArray ofNewWorker() {
    AtomicLongArray counts = new AtomicLongArray(OPCODES);
    workers.add(counts);
    return counts;
  }

  /** Adds one, on the thread whose {@code counts} they are. */
  public static void count(AtomicLongArray counts, int opcode) {
    if (opcode > 0 && opcode < OPCODES) {
      counts.setOpaque(opcode, counts.getPlain(opcode) + 1);
    }
  }

  /** All requests together. */
  public long total() {
    long sum = 0;
    for (AtomicLongArray counts : workers) {
      for (int opcode = 1; opcode < OPCODES; opcode++) {
        sum += counts.getOpaque(opcode);
      }
    }
    return sum;
  }

  /** Requests by the protocol's name for their kind; kinds that never came are left out. */
  public Map<String, Long> byName() {
    Map<String, Long> sums = new TreeMap<>();
    for (AtomicLongArray counts : workers) {
      for (int opcode = 1; opcode < OPCODES; opcode++) {
        long count = counts.getOpaque(opcode);
        if (count > 0) {
          sums.merge(Opcode.name(opcode), count, Long::sum);
        }
      }
    }
    return sums;
  }
}
