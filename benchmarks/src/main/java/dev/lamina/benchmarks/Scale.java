package dev.lamina.benchmarks;

/** How much is measured. */
public enum Scale {
  /** A minute, and figures that mean nothing: to see that all of it works. */
  SMOKE(4L << 20, 4L << 20, 100),
  /** A few minutes. */
  QUICK(64L << 20, 0, 1),
  /** What docs/performance.md quotes. */
  FULL(256L << 20, 1L << 30, 1);

  private final long bigSize;
  private final long databaseSize;
  private final int divisor;

  Scale(long bigSize, long databaseSize, int divisor) {
    this.bigSize = bigSize;
    this.databaseSize = databaseSize;
    this.divisor = divisor;
  }

  /** Bytes of a large file. */
  long bigSize() {
    return bigSize;
  }

  /** About how many bytes the database has; 0 where there is none. */
  long databaseSize() {
    return databaseSize;
  }

  /** How many to make, or times to do something, where others have {@code usual}. */
  int count(int usual) {
    return Math.max(1, usual / divisor);
  }
}
