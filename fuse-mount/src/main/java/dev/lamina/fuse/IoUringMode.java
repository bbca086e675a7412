package dev.lamina.fuse;

/**
 * Whether a mount's requests come over io_uring (Linux 6.14), each CPU's served on that CPU, or
 * through {@code /dev/fuse}. Without need of a choice: where the one does not work the other does.
 */
public enum IoUringMode {
  /** Over io_uring where this kernel has it switched on. */
  AUTO,

  /**
   * Over io_uring, which is switched on if need be and stays so: the {@code fuse} module's
   * parameter {@code enable_uring}, for all servers of this host that ask for it. Takes root.
   */
  ON,

  /** Through {@code /dev/fuse}. */
  OFF
}
