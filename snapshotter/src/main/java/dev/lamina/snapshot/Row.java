package dev.lamina.snapshot;

/**
 * A snapshot as the metadata have it.
 *
 * @param id names its directory, and stays when it is committed
 * @param usage what was measured at the commit
 */
record Row(long id, SnapshotInfo info, Usage usage) {
  /** Refuses a snapshot of a kind that cannot be mounted. */
  Row requireMountable() throws SnapshotException {
    if (info.kind() == Kind.COMMITTED) {
      throw SnapshotException.precondition(
          "snapshot " + info.name() + " is committed: only active ones and views have mounts");
    }
    return this;
  }

  Row requireActive() throws SnapshotException {
    if (info.kind() != Kind.ACTIVE) {
      throw SnapshotException.precondition(
          "snapshot " + info.name() + " is not active: it is a " + info.kind().text() + " one");
    }
    return this;
  }
}
