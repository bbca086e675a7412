package dev.lamina.fuse.libfuse;

import com.kenai.jffi.MemoryIO;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.Stat;
import dev.lamina.overlay.Entry;
import dev.lamina.overlay.InodeFileSystem;
import java.util.Arrays;

/**
 * Finds what a path of libfuse leads to. The directory of the last path stays looked up, as the
 * next one is often in it too.
 *
 * <p>A path is absolute within the mount, plain (no dots, no links to follow), and while a callback
 * runs, libfuse lets nobody rename or remove a directory that is part of its paths. So a directory
 * that was found stays right until some directory is renamed or removed ({@link Tree#renamings}).
 *
 * <p>Belongs to one worker; reused for each call, which closes it.
 */
final class PathSlot implements AutoCloseable {
  private static final byte[] NO_DIRECTORY = {};

  private final Tree tree;
  private final InodeFileSystem fileSystem;
  private final Name component = new Name();
  private final Entry step = new Entry();

  /** Bytes of the directory's path, without a slash at the end; empty is the root. */
  private byte[] directoryPath = NO_DIRECTORY;

  private long directory = InodeFileSystem.ROOT;
  private long renamings;

  private byte[] path = NO_DIRECTORY;
  private final Name name = new Name();
  private final Entry entry = new Entry();
  private boolean held;
  private boolean hidden;

  PathSlot(Tree tree) {
    this.tree = tree;
    this.fileSystem = tree.fileSystem;
  }

  /** Looks the path's directory up, for a call about the name in it. ENOENT. */
  PathSlot parent(long address) throws ErrnoException {
    path = MemoryIO.getInstance().getZeroTerminatedByteArray(address);
    int slash = lastSlash();
    long now = tree.renamings();
    if (now != renamings || !isDirectoryPath(slash)) {
      drop();
      renamings = now;
      directory = walk(slash);
      directoryPath = Arrays.copyOf(path, slash);
    }
    name.set(path, slash + 1, path.length - slash - 1);
    return this;
  }

  /**
   * Looks the path itself up, until {@link #close}. ESTALE where it leads nowhere: the kernel
   * believes in a file that is not there, and looks its name up again then.
   */
  PathSlot node(long address) throws ErrnoException {
    parent(address);
    entry.node = InodeFileSystem.ROOT;
    held = false;
    hidden = false;
    if (name.length() == 0) {
      fileSystem.getattr(InodeFileSystem.ROOT, entry.stat);
      return this;
    }
    long removed = tree.hidden.find(directory, name);
    if (removed != 0) {
      hidden = true;
      entry.node = removed;
      fileSystem.getattr(removed, entry.stat);
    } else if (fileSystem.lookup(directory, name, entry)) {
      held = true;
    } else {
      throw new ErrnoException(Errno.ESTALE, "lookup");
    }
    return this;
  }

  private int lastSlash() {
    int at = path.length - 1;
    while (at > 0 && path[at] != '/') {
      at--;
    }
    return at;
  }

  private boolean isDirectoryPath(int slash) {
    return Arrays.equals(directoryPath, 0, directoryPath.length, path, 0, slash);
  }

  /** The node of the first {@code end} bytes of the path, looked up once more unless the root. */
  private long walk(int end) throws ErrnoException {
    long node = InodeFileSystem.ROOT;
    for (int from = 1, to; from < end; from = to + 1) {
      to = from;
      while (to < end && path[to] != '/') {
        to++;
      }
      component.set(path, from, to - from);
      boolean found;
      try {
        found = fileSystem.lookup(node, component, step);
      } finally {
        forget(node);
      }
      if (!found) {
        throw new ErrnoException(Errno.ENOENT, "lookup");
      }
      node = step.node;
    }
    return node;
  }

  /** The directory of the last path, for as long as the slot is not given another one. */
  long directory() {
    return directory;
  }

  /** That directory with a lookup of the caller's own. */
  long holdDirectory() throws ErrnoException {
    return walk(lastSlash());
  }

  Name name() {
    return name;
  }

  long found() {
    return entry.node;
  }

  /** Whether what was found is one of {@link HiddenFiles}. */
  boolean isHidden() {
    return hidden;
  }

  /** Attributes of what was found. */
  Stat stat() {
    return entry.stat;
  }

  /**
   * Leaves the lookup of what was found to the caller.
   *
   * @return whether there is one: not for the root, nor for a file that is held otherwise
   */
  boolean keep() {
    boolean kept = held;
    held = false;
    return kept;
  }

  /** Gives back the lookup of what was found. */
  @Override
  public void close() {
    if (held) {
      held = false;
      forget(entry.node);
    }
  }

  /** Gives back everything; the slot goes on from the root. */
  void drop() {
    forget(directory);
    directory = InodeFileSystem.ROOT;
    directoryPath = NO_DIRECTORY;
  }

  private void forget(long node) {
    if (node != InodeFileSystem.ROOT) {
      fileSystem.forget(node, 1);
    }
  }
}
