package dev.lamina.cli;

/** Exit statuses of all commands; docs/cli.md lists them for users. */
final class ExitStatus {
  static final int OK = 0;

  /** Something failed that no other status names; the message says what. */
  static final int FAILED = 1;

  /** The command line is wrong. */
  static final int USAGE = 2;

  /** No such image, tag, container or mount. */
  static final int NOT_FOUND = 3;

  /** An image, archive or layer is damaged, or breaks a rule. */
  static final int BAD_IMAGE = 4;

  /** The mount point is missing, is no directory, or has a dead mount that cannot be cleared. */
  static final int BAD_MOUNT_POINT = 5;

  /** The mount point, the work directory or the container is in use. */
  static final int BUSY = 6;

  /** No FUSE on this host, or no right to mount. */
  static final int NO_FUSE = 7;

  /** A registry wants credentials, or others. */
  static final int DENIED = 8;

  /** A registry cannot be reached, fails, or refuses what is asked of it. */
  static final int NO_REGISTRY = 9;

  /** A defect of Lamina itself. */
  static final int INTERNAL = 70;

  private ExitStatus() {}
}
