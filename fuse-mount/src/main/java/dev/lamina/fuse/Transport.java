package dev.lamina.fuse;

/** Who speaks the kernel's FUSE protocol for a mount. */
public enum Transport {
  /** Lamina itself, over io_uring or {@code /dev/fuse}: see {@link IoUringMode}. */
  KERNEL,

  /**
   * libfuse 2 (Debian package libfuse2): for hosts where the protocol cannot be spoken directly.
   * Slower, without passthrough, and without what protocol 7.19 and calls by path cannot express;
   * docs/libfuse.md lists that.
   */
  LIBFUSE
}
