package dev.lamina.overlay.data;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which blocks of a file are in the upper. Anyone may read it at any time; blocks are added by one
 * thread at a time and never taken away.
 */
final class BlockMap {
  /** Bytes of a block, as a power of two. */
  static final int BLOCK_BITS = 12;

  static final int BLOCK = 1 << BLOCK_BITS;

  private final long blocks;
  private final AtomicLongArray words;

  /** Words that have changed since {@link #takeChanged}; guarded as adding is. */
  private final long[] changed;

  /** A map of the first {@code size} bytes of a file, with no block present. */
  BlockMap(long size) {
    this.blocks = blocksOf(size);
    this.words = new AtomicLongArray(wordsOf(size));
    this.changed = new long[(words.length() + 63) / 64];
  }

  /** Blocks that {@code size} bytes take, the last one possibly in part. */
  static long blocksOf(long size) {
    return (size + BLOCK - 1) >>> BLOCK_BITS;
  }

  /** Words of 64 blocks that {@code size} bytes take. */
  static int wordsOf(long size) {
    return Math.toIntExact((blocksOf(size) + 63) / 64);
  }

  int wordCount() {
    return words.length();
  }

  long word(int index) {
    return words.get(index);
  }

  boolean has(long block) {
    return block >= blocks || (words.get((int) (block >>> 6)) & (1L << block)) != 0;
  }

  /** Adds the blocks of {@code bits} in one word. */
  void addWord(int index, long bits) {
    if ((words.get(index) | bits) != words.get(index)) {
      words.set(index, words.get(index) | bits);
      changed[index >>> 6] |= 1L << index;
    }
  }

  /** What {@link #add} of these blocks will make of the word {@code index}. */
  long wordWith(int index, long from, long to) {
    return words.get(index) | mask(index, from, to);
  }

  /** Adds the blocks from {@code from} up to, not including, {@code to}. */
  void add(long from, long to) {
    long end = Math.min(to, blocks);
    for (long block = from; block < end; block = (block | 63) + 1) {
      int index = (int) (block >>> 6);
      addWord(index, mask(index, from, end));
    }
  }

  private long mask(int index, long from, long to) {
    long first = (long) index << 6;
    long low = Math.max(from - first, 0);
    long high = Math.min(Math.min(to, blocks) - first, 64);
    if (low >= high) {
      return 0;
    }
    return (-1L << low) & (-1L >>> (64 - high));
  }

  /** The first block at or after {@code block} that is absent, or {@code end}. */
  long nextAbsent(long block, long end) {
    return next(block, Math.min(end, blocks), end, -1);
  }

  /** The first block at or after {@code block} that is present, or {@code end}. */
  long nextPresent(long block, long end) {
    return next(block, Math.min(end, blocks), Math.min(end, Math.max(block, blocks)), 0);
  }

  private long next(long start, long end, long none, long invert) {
    long block = start;
    while (block < end) {
      long rest = (words.get((int) (block >>> 6)) ^ invert) >>> block;
      if (rest != 0) {
        long found = block + Long.numberOfTrailingZeros(rest);
        return found < end ? found : none;
      }
      block = (block | 63) + 1;
    }
    return none;
  }

  /** The next word at or after {@code index} that changed since it was last taken, or -1. */
  int takeChanged(int index) {
    for (int at = index; at < words.length(); ) {
      long rest = changed[at >>> 6] >>> at;
      if (rest == 0) {
        at = (at | 63) + 1;
        continue;
      }
      int found = at + Long.numberOfTrailingZeros(rest);
      changed[found >>> 6] &= ~(1L << found);
      return found;
    }
    return -1;
  }

  /** Puts back what was taken. */
  void noteChanged(int index) {
    changed[index >>> 6] |= 1L << index;
  }
}
