package dev.lamina.fuse;

import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Identity;
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

  /** The way that is open to this process for a mount that another one made. */
  static Mounter ofProcess() throws MountException {
    if (Identity.processUid() == 0) {
      return new DirectMounter();
    }
    return FusermountMounter.find()
        .orElseThrow(
            () ->
                new MountException(
                    MountException.Reason.NO_PRIVILEGE,
                    "unmounting needs root, or fusermount3 (Debian package fuse3)"));
  }

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
