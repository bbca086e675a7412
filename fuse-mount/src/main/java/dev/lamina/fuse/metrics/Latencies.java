package dev.lamina.fuse.metrics;

import java.util.Arrays;

/**
 * How long requests of one kind took: a histogram with fixed buckets. A time is that of the server:
 * from the moment a thread has the request until its reply is ready to be handed back; how long the
 * request waited for a thread is not in it. Immutable.
 *
 * <p>Bucket 0 counts what took less than a microsecond, bucket i what took less than 2^i
 * microseconds and not less than half of that, and the last one everything longer.
 */
public final class Latencies {
  /** How many buckets there are. */
  public static final int BUCKETS = 25;

  /** None at all. */
  public static final Latencies NONE = new Latencies(new long[BUCKETS], 0);

  private final long[] counts;
  private final long nanos;

  private Latencies(long[] counts, long nanos) {
    this.counts = counts;
    this.nanos = nanos;
  }

  /**
   * Of counts that are known.
   *
   * @param counts one for each bucket
   * @param nanos all times together
   */
  public static Latencies of(long[] counts, long nanos) {
    if (counts.length != BUCKETS) {
      throw new IllegalArgumentException(counts.length + " buckets, not " + BUCKETS);
    }
    return new Latencies(counts.clone(), nanos);
  }

  /** The bucket of a request that took so long; less than 0 counts as 0. */
  static int bucketOf(long nanos) {
    long micros = nanos / 1000;
    return micros <= 0 ? 0 : Math.min(Long.SIZE - Long.numberOfLeadingZeros(micros), BUCKETS - 1);
  }

  /**
   * The time in microseconds that what is in {@code bucket} did not reach; {@link Long#MAX_VALUE}
   * for the last.
   */
  public static long endMicros(int bucket) {
    return bucket == BUCKETS - 1 ? Long.MAX_VALUE : 1L << bucket;
  }

  /** How many requests {@code bucket} has. */
  public long count(int bucket) {
    return counts[bucket];
  }

  /** How many requests there were. */
  public long count() {
    return Arrays.stream(counts).sum();
  }

  /** All their times together, in nanoseconds. */
  public long nanos() {
    return nanos;
  }

  /**
   * A time in microseconds that at least {@code part} of the requests did not reach: the end of the
   * bucket in which that many are full. 0 where there were none.
   *
   * @param part from 0 to 1: 0.5 for the median
   */
  public long quantileMicros(double part) {
    long wanted = Math.max(1, (long) Math.ceil(part * count()));
    long seen = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      seen += counts[bucket];
      if (seen >= wanted) {
        return endMicros(bucket);
      }
    }
    return 0;
  }

  /** These and {@code others} together. */
  public Latencies plus(Latencies others) {
    long[] sums = counts.clone();
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      sums[bucket] += others.counts[bucket];
    }
    return new Latencies(sums, nanos + others.nanos);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Latencies latencies
        && nanos == latencies.nanos
        && Arrays.equals(counts, latencies.counts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts) * 31 + Long.hashCode(nanos);
  }

  @Override
  public String toString() {
    return count() + " requests, " + nanos + " ns";
  }
}
