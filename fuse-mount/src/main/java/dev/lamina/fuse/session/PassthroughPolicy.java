package dev.lamina.fuse.session;

/**
 * Which files the kernel reads, writes and maps by itself, without asking the server (Linux 6.9,
 * needs CAP_SYS_ADMIN; elsewhere none).
 *
 * <p>All are read at the speed of the real file. What tells the policies apart is a lower file of a
 * writable mount that is promoted while somebody has it open: through the page cache, the old
 * descriptor sees what is written afterwards, as under kernel overlayfs; in passthrough it goes on
 * reading the lower file, as it did before Linux 4.19.
 */
public enum PassthroughPolicy {
  /**
   * Files that stay where they are: of the upper, and all of a mount without one. And programs and
   * shared libraries of lowers, which nobody writes in place while they are in use, and whose pages
   * all mounts then share.
   */
  AUTO,

  /** Every file. */
  ALL,

  /** None. */
  OFF
}
