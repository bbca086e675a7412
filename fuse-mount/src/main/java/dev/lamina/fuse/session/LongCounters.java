package dev.lamina.fuse.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/**
 * Counts by number: how often the kernel holds each node, which handles it has open. Open
 * addressing in plain arrays, so that counting allocates nothing; in stripes, so that workers
 * rarely wait for each other. Thread-safe.
 */
public final class LongCounters {
  private static final int STRIPES = 16;

  private final Stripe[] stripes = new Stripe[STRIPES];

  /** All counts are 0. */
  public LongCounters() {
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe();
    }
  }

  /** What {@link #drain} hands out. */
  public interface Visitor {
    /** One number and its count. */
    void visit(long key, long count);
  }

  /** Adds {@code count}, which is positive, to that of {@code key}, which is not 0. */
  public void add(long key, long count) {
    if (key == 0) {
      throw new IllegalArgumentException("0 is no node and no handle");
    }
    long hash = mix(key);
    stripes[(int) hash & (STRIPES - 1)].add(key, count, hash);
  }

  /** Takes up to {@code count} off; what was there to take. */
  public long subtract(long key, long count) {
    long hash = mix(key);
    return stripes[(int) hash & (STRIPES - 1)].subtract(key, count, hash);
  }

  /** Whether {@code key} has a count. */
  public boolean contains(long key) {
    long hash = mix(key);
    return stripes[(int) hash & (STRIPES - 1)].contains(key, hash);
  }

  /** Takes everything off. */
  public void drain(Visitor visitor) {
    for (Stripe stripe : stripes) {
      stripe.drain(visitor);
    }
  }

  /** Spreads neighbouring numbers (the finalizer of splitmix64). */
  private static long mix(long key) {
    long z = (key ^ (key >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  private static int slot(long hash, int mask) {
    return (int) (hash >>> 8) & mask;
  }

  /** A linear-probing table; a free slot has key 0. */
  private static final class Stripe {
    @GuardedBy("this")
    private long[] keys = new long[16];

    @GuardedBy("this")
    private long[] counts = new long[16];

    @GuardedBy("this")
    private int size;

    synchronized void add(long key, long count, long hash) {
      int i = find(key, hash);
      if (keys[i] == 0) {
        if (size * 4 >= keys.length * 3) {
          grow();
          i = find(key, hash);
        }
        keys[i] = key;
        size++;
      }
      counts[i] += count;
    }

    synchronized long subtract(long key, long count, long hash) {
      int i = find(key, hash);
      if (keys[i] == 0) {
        return 0;
      }
      long taken = Math.min(count, counts[i]);
      counts[i] -= taken;
      if (counts[i] == 0) {
        remove(i);
      }
      return taken;
    }

    synchronized boolean contains(long key, long hash) {
      return keys[find(key, hash)] != 0;
    }

    synchronized void drain(Visitor visitor) {
      long[] drainedKeys = keys;
      long[] drainedCounts = counts;
      keys = new long[16];
      counts = new long[16];
      size = 0;
      for (int i = 0; i < drainedKeys.length; i++) {
        if (drainedKeys[i] != 0) {
          visitor.visit(drainedKeys[i], drainedCounts[i]);
        }
      }
    }

    @GuardedBy("this")
    private int find(long key, long hash) {
      int mask = keys.length - 1;
      int i = slot(hash, mask);
      while (keys[i] != 0 && keys[i] != key) {
        i = (i + 1) & mask;
      }
      return i;
    }

    /** Frees a slot and moves up those that probing would no longer reach. */
    @GuardedBy("this")
    private void remove(int hole) {
      int mask = keys.length - 1;
      int i = hole;
      while (true) {
        i = (i + 1) & mask;
        if (keys[i] == 0) {
          break;
        }
        int home = slot(mix(keys[i]), mask);
        if (((i - home) & mask) >= ((i - hole) & mask)) {
          keys[hole] = keys[i];
          counts[hole] = counts[i];
          hole = i;
        }
      }
      keys[hole] = 0;
      counts[hole] = 0;
      size--;
      if (keys.length > 64 && size * 8 < keys.length) {
        resize(keys.length / 2);
      }
    }

    @GuardedBy("this")
    private void grow() {
      resize(keys.length * 2);
    }

    @GuardedBy("this")
    private void resize(int length) {
      long[] oldKeys = keys;
      long[] oldCounts = counts;
      keys = new long[length];
      counts = new long[length];
      for (int i = 0; i < oldKeys.length; i++) {
        if (oldKeys[i] != 0) {
          int to = find(oldKeys[i], mix(oldKeys[i]));
          keys[to] = oldKeys[i];
          counts[to] = oldCounts[i];
        }
      }
    }
  }
}
