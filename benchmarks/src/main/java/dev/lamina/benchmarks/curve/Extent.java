package dev.lamina.benchmarks.curve;

import com.google.common.collect.ImmutableList;

/** How far the curves go. */
public enum Extent {
  /** To see that all of it works. */
  SMOKE(
      ImmutableList.of(4L << 10, 64L << 10),
      ImmutableList.of(1, 3),
      ImmutableList.of(1, 2),
      64L << 10,
      1),
  /** A minute or two. */
  QUICK(
      ImmutableList.of(4L << 10, 64L << 10, 1L << 20, 16L << 20, 256L << 20),
      ImmutableList.of(1, 10, 100, 500),
      ImmutableList.of(1, 4, 16),
      16L << 20,
      3),
  /** From 4 KiB to 4 GiB. */
  FULL(
      ImmutableList.of(
          4L << 10, 32L << 10, 256L << 10, 2L << 20, 16L << 20, 128L << 20, 1L << 30, 4L << 30),
      ImmutableList.of(1, 2, 5, 10, 20, 50, 100, 200, 500),
      ImmutableList.of(1, 2, 5, 10, 20, 50),
      64L << 20,
      5);

  private final ImmutableList<Long> sizes;
  private final ImmutableList<Integer> layers;
  private final ImmutableList<Integer> containers;
  private final long sharedSize;
  private final int rounds;

  Extent(
      ImmutableList<Long> sizes,
      ImmutableList<Integer> layers,
      ImmutableList<Integer> containers,
      long sharedSize,
      int rounds) {
    this.sizes = sizes;
    this.layers = layers;
    this.containers = containers;
    this.sharedSize = sharedSize;
    this.rounds = rounds;
  }

  ImmutableList<Long> sizes() {
    return sizes;
  }

  ImmutableList<Integer> layers() {
    return layers;
  }

  ImmutableList<Integer> containers() {
    return containers;
  }

  /** Bytes of the file that all containers write. */
  long sharedSize() {
    return sharedSize;
  }

  /** Where nobody asks for another number. */
  public int rounds() {
    return rounds;
  }

  /** Bytes that the filesystem needs, with room for what systems keep and for its own records. */
  long room() {
    long files = sizes.stream().mapToLong(Long::longValue).sum();
    long largest = sizes.get(sizes.size() - 1);
    long shared = sharedSize * (containers.get(containers.size() - 1) + 1);
    return (files + Math.max(largest, shared)) * 11 / 10 + (1L << 30);
  }
}
