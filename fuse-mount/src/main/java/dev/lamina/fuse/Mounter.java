package dev.lamina.fuse;

import dev.lamina.linux.ErrnoException;
import java.io.IOException;

/** A way to make and end FUSE mounts. */
sealed interface Mounter permits DirectMounter, FusermountMounter {
  /**
   * Mounts.
   *
   * @return descriptor of the connection, the caller's to close
   * @throws MountException with what is in the way
   */
  int mount(MountSpec spec) throws IOException;

  /** How {@link #unmount} treats programs that still use the mount. */
  enum Mode {
    /** EBUSY. */
    PLAIN,
    /** They keep what they have open; nobody else finds it. */
    LAZY,
    /** Their requests fail, then as {@link #LAZY}. Where that takes root and is not, as LAZY. */
    FORCE
  }

  /** Unmounts what lies on top at {@code mountPoint}. */
  void unmount(String mountPoint, Mode mode) throws ErrnoException;
}
