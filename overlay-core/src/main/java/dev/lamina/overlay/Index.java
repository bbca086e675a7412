package dev.lamina.overlay;

/**
 * Whether the names of a lower file with several hard links stay one file when it is promoted
 * ({@code index=} of kernel overlayfs).
 */
public enum Index {
  /** As {@link #ON}, and as {@link #OFF} where the upper's index belongs to other layers. */
  AUTO,

  /**
   * They do, and keep their link count. An index that belongs to other layers is refused (ESTALE).
   * As {@link #OFF}, with a line in the log, where a filesystem has no file handles or this process
   * may not open them.
   */
  ON,

  /** They part when one is promoted, which is a file of its own then. */
  OFF
}
