package dev.lamina.overlay.event;

/** How an object of a lower came into the upper. */
public enum PromotionKind {
  /**
   * Without data: what has none, such as a directory or a symbolic link; a file that is emptied; or
   * one whose data stays below until it changes.
   */
  METADATA,

  /** The upper's file shares the blocks of the lower's: btrfs, xfs. */
  REFLINK,

  /** All data was copied at once. */
  COPY,

  /** Block by block, while the file was in use. */
  PARTIAL
}
