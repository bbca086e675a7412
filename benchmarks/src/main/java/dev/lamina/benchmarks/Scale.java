package dev.lamina.benchmarks;

/** How much is measured. */
public enum Scale {
  /** A few minutes. */
  QUICK(64L << 20, 0),
  /** What docs/performance.md quotes. */
  FULL(256L << 20, 1L << 30);

  private final long bigSize;
  private final long databaseSize;

  Scale(long bigSize, long databaseSize) {
    this.bigSize = bigSize;
    this.databaseSize = databaseSize;
  }

  long bigSize() {
    return bigSize;
  }

  /** About how many bytes the database has; 0 where there is none. */
  long databaseSize() {
    return databaseSize;
  }
}
