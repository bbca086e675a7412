package dev.lamina.overlay.node;

import dev.lamina.overlay.format.LayerFormat;

/**
 * One layer of the stack: its root directory and how it is read.
 *
 * @param position its place in the stack, 0 for the topmost
 * @param label the layer's directory as the user gave it, for messages
 * @param format how its marks are written
 * @param upper whether it is the writable one
 * @param filesystem which of the stack's filesystems it lies on; 0 for the first one
 */
public record Layer(int position, String label, LayerFormat format, boolean upper, int filesystem) {
  /** Inode numbers of the first filesystem pass as they are; others get theirs in the top bits. */
  private static final int FILESYSTEM_SHIFT = 56;

  /**
   * The inode number by which the merged tree shows inode {@code real} of this layer: distinct
   * across filesystems, as the kernel's {@code xino}, and equal in stat and readdir.
   */
  public long ino(long real) {
    return real ^ ((long) filesystem << FILESYSTEM_SHIFT);
  }
}
