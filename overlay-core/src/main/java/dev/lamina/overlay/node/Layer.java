package dev.lamina.overlay.node;

import dev.lamina.overlay.format.LayerFormat;
import dev.lamina.overlay.owner.OwnerRecords;

/**
 * One layer of the stack: its root directory and how it is read.
 *
 * @param position its place in the stack, 0 for the topmost
 * @param label the layer's directory as the user gave it, for messages
 * @param format how its marks are written
 * @param upper whether it is the writable one
 * @param filesystem which of the stack's filesystems it lies on; 0 for the first one
 * @param owners where its objects say whose they are
 */
public record Layer(
    int position,
    String label,
    LayerFormat format,
    boolean upper,
    int filesystem,
    OwnerRecords owners) {
  /** Room for inode numbers; above are 11 bits for filesystems and one for numbers too large. */
  private static final int INO_BITS = 52;

  private static final long INO_MASK = (1L << INO_BITS) - 1;

  /**
   * The inode number by which the merged tree shows inode {@code real} of this layer: distinct
   * across filesystems, as the kernel's {@code xino}, and equal in stat and readdir. Those of the
   * first filesystem pass as they are.
   *
   * <p>Numbers that use the high bits themselves, such as those of an overlay in a lower, are
   * hashed into a range of their own: of a million of them, two are the same in 1 case of 9000.
   */
  public long ino(long real) {
    long high = (long) filesystem << INO_BITS;
    return (real & ~INO_MASK) == 0 ? high | real : Long.MIN_VALUE | high | (mixed(real) & INO_MASK);
  }

  /** The finalizer of SplitMix64 (Steele, Lea, Flood 2014): a bijection in which all bits count. */
  private static long mixed(long bits) {
    long z = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
