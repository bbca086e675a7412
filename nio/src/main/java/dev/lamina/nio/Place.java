package dev.lamina.nio;

import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;

/**
 * Where a path leads: a name in a directory, and what is there, if anything. Holds the directory
 * and the object until it is closed.
 */
final class Place implements AutoCloseable {
  private final Tree tree;
  private final long parent;
  private final byte[] name;
  private final Tree.Found found;
  private boolean taken;

  /**
   * A place.
   *
   * @param name null for what has no name to create or remove: the root, {@code .} and {@code ..}
   * @param found null where nothing is there
   */
  Place(Tree tree, long parent, byte[] name, Tree.Found found) {
    this.tree = tree;
    this.parent = parent;
    this.name = name;
    this.found = found;
  }

  boolean exists() {
    return found != null;
  }

  long parent() {
    return parent;
  }

  /** The name to make something by. */
  byte[] freeName() throws ErrnoException {
    if (name == null) {
      throw new ErrnoException(Errno.EEXIST, "creation");
    }
    return name;
  }

  /** The name to remove or move something by. */
  byte[] takenName() throws ErrnoException {
    requireExisting();
    if (name == null) {
      throw new ErrnoException(Errno.EBUSY, "removal of the root, . or ..");
    }
    return name;
  }

  /** What is there: ENOENT where nothing is. */
  Place requireExisting() throws ErrnoException {
    if (found == null) {
      throw new ErrnoException(Errno.ENOENT, "lookup");
    }
    return this;
  }

  long node() {
    return found.node();
  }

  /** The object, which this place does not hold any more: who takes it forgets it. */
  long takeNode() {
    taken = true;
    return found.node();
  }

  FileStatus status() {
    return found.status();
  }

  @Override
  public void close() {
    tree.forget(parent);
    if (found != null && !taken) {
      tree.forget(found.node());
    }
  }
}
