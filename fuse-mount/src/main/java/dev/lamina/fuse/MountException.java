package dev.lamina.fuse;

import java.io.IOException;

/** Why there is no mount, in one line for the person who asked for it. */
public final class MountException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What is in the way. */
  public enum Reason {
    /** No {@code /dev/fuse}: no FUSE in this kernel or container. */
    NO_DEVICE,
    /** Neither root nor a set-uid {@code fusermount3}. */
    NO_PRIVILEGE,
    MOUNT_POINT_MISSING,
    MOUNT_POINT_NOT_A_DIRECTORY,
    /** Something is mounted there already. */
    MOUNT_POINT_BUSY,
    /** The server of a mount there has died; {@link StaleMounts#clear} helps. */
    MOUNT_POINT_STALE,
    /** {@link Transport#LIBFUSE} was asked for, and the library is not there. */
    NO_LIBFUSE,
    /** The kernel's FUSE protocol is too old. */
    PROTOCOL,
    /** The kernel or {@code fusermount3} refused for another reason, which the message tells. */
    REFUSED
  }

  private final Reason reason;

  MountException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  MountException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** What went wrong, for programs. */
  public Reason reason() {
    return reason;
  }
}
