package dev.lamina.layer;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import dev.lamina.linux.Xattr;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The directories of a layer that are open at the moment, the least recently used closed first: the
 * number of descriptors does not depend on the tree. Keyed by real paths (see {@link
 * OpenDirectory#path}), so there is one object for a directory however an archive names it.
 *
 * <p>What {@link #open} returned stays open until {@code CAPACITY - 1} other directories were used,
 * and longer if it is pinned. Reopening a deep path uses as many as it has components.
 */
final class DirectoryCache {
  static final int CAPACITY = 128;
  static final int OPEN_FLAGS = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
  static final Name DEFAULT_ACL = Name.of("system.posix_acl_default");

  private final LayerContext context;
  private final OpenDirectory root;
  private final Map<LayerPath, OpenDirectory> open = new LinkedHashMap<>(256, 0.75f, true);
  private final Stat stat = new Stat();
  private final Name name = new Name();
  private final NativeMemory one = NativeMemory.allocate(8);

  /** Takes over {@code rootFd}. */
  DirectoryCache(int rootFd, LayerContext context) throws ErrnoException {
    this.context = context;
    At.stat(rootFd, stat);
    this.root = new OpenDirectory(LayerPath.ROOT, rootFd, stat, context.privileged, false);
  }

  OpenDirectory root() {
    return root;
  }

  /** The directory of that real path if it is open now, or null. */
  OpenDirectory get(LayerPath path) {
    return path.isRoot() ? root : open.get(path);
  }

  /**
   * The directory {@code child} of {@code parent}.
   *
   * @return null where it does not exist or is no directory
   */
  OpenDirectory open(OpenDirectory parent, byte[] child) throws ErrnoException {
    LayerPath path = parent.path().child(child);
    OpenDirectory known = open.get(path);
    if (known != null) {
      return known;
    }
    name.set(child);
    int fd = openDescriptor(parent.fd());
    if (fd < 0) {
      return null;
    }
    At.stat(fd, stat);
    boolean acl = Xattr.get(fd, DEFAULT_ACL, one, 0, 0) >= 0;
    OpenDirectory opened = new OpenDirectory(path, fd, stat, context.privileged, acl);
    open.put(path, opened);
    if (parent.isLowerHidden() || context.dialect.isOpaque(fd, stat)) {
      opened.hideLower();
    }
    evict();
    return opened;
  }

  /** Opens {@link #name} if it is a directory, else -1. */
  private int openDescriptor(int dirfd) throws ErrnoException {
    try {
      return At.openIfExists(dirfd, name, OPEN_FLAGS);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ELOOP) {
        return -1;
      }
      throw e;
    }
  }

  /** Opens a directory by its real path, which exists. */
  OpenDirectory reopen(LayerPath path) throws ErrnoException {
    OpenDirectory known = get(path);
    if (known != null) {
      return known;
    }
    OpenDirectory found = open(reopen(path.parent()), path.name());
    if (found == null) {
      throw new ErrnoException(Errno.ENOENT, "open " + path);
    }
    return found;
  }

  private void evict() throws ErrnoException {
    Iterator<OpenDirectory> eldest = open.values().iterator();
    while (open.size() > CAPACITY && eldest.hasNext()) {
      OpenDirectory directory = eldest.next();
      if (!directory.isPinned()) {
        eldest.remove();
        directory.close();
      }
    }
  }

  /** Tells all that is open in {@code subtree} that the layers below do not show there. */
  void hideLower(LayerPath subtree) {
    if (subtree.isRoot()) {
      root.hideLower();
    }
    for (OpenDirectory directory : open.values()) {
      if (directory.path().isWithin(subtree)) {
        directory.hideLower();
      }
    }
  }

  /** Forgets a directory and all below it, before it is deleted. */
  void drop(LayerPath subtree) {
    open.values()
        .removeIf(
            directory -> {
              boolean within = directory.path().isWithin(subtree);
              if (within) {
                directory.abandon();
              }
              return within;
            });
  }

  /** Closes all, giving each directory its final time and mode. */
  void finish() throws ErrnoException {
    for (Iterator<OpenDirectory> i = open.values().iterator(); i.hasNext(); ) {
      OpenDirectory directory = i.next();
      i.remove();
      directory.close();
    }
    root.close();
  }

  void abandon() {
    open.values().forEach(OpenDirectory::abandon);
    open.clear();
    root.abandon();
  }
}
