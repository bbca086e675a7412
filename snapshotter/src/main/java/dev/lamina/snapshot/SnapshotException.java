package dev.lamina.snapshot;

/** What was asked cannot be done, for a reason that containerd knows. */
public final class SnapshotException extends Exception {
  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Reason {
    /** There is no such snapshot, or no such parent. */
    NOT_FOUND,

    /** The key or name is taken. */
    ALREADY_EXISTS,

    /** The snapshot is of another kind, has children, or is in use. */
    FAILED_PRECONDITION,

    /** The request itself is wrong. */
    INVALID_ARGUMENT
  }

  private final Reason reason;

  SnapshotException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** What went wrong, for programs. */
  public Reason reason() {
    return reason;
  }

  static SnapshotException notFound(String what) {
    return new SnapshotException(Reason.NOT_FOUND, what + " does not exist");
  }

  static SnapshotException alreadyExists(String key) {
    return new SnapshotException(Reason.ALREADY_EXISTS, "snapshot " + key + " exists already");
  }

  static SnapshotException precondition(String message) {
    return new SnapshotException(Reason.FAILED_PRECONDITION, message);
  }

  static SnapshotException invalid(String message) {
    return new SnapshotException(Reason.INVALID_ARGUMENT, message);
  }
}
