package dev.lamina.overlay;

import dev.lamina.linux.At;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.FileMode;
import dev.lamina.linux.Name;
import dev.lamina.linux.OpenFlags;
import dev.lamina.overlay.merge.Listing;
import dev.lamina.overlay.merge.ListingBuilder;
import dev.lamina.overlay.node.DirNode;
import dev.lamina.overlay.node.LayerDir;
import dev.lamina.overlay.node.Link;
import dev.lamina.overlay.node.Node;
import dev.lamina.overlay.node.SlotTable;

/**
 * Open directories by handle. A handle's listing is taken when reading starts and again when it
 * starts over, so that offsets hold in between whatever happens (filesystems/overlayfs.rst).
 */
final class OpenDirectories {
  /** Offsets: 0 is {@code .}, 1 is {@code ..}, the listing's first entry is 2. */
  private static final int DOT_NAMES = 2;

  private static final byte[] DOTS = {'.', '.'};
  private static final int DT_DIR = FileMode.directoryType(FileMode.S_IFDIR);

  private static final class OpenDirectory {
    final DirNode node;

    /** Used by one caller at a time, see {@link InodeFileSystem}. */
    Listing listing;

    /** Whether the upper's entries in the listing may have an origin. */
    boolean impure;

    final Name name = new Name();
    final Entry entry = new Entry();

    OpenDirectory(DirNode node) {
      this.node = node;
    }
  }

  private final Union union;
  private final SlotTable<OpenDirectory> handles = new SlotTable<>(1);

  OpenDirectories(Union union) {
    this.union = union;
  }

  long open(DirNode node) {
    union.table.retain(node);
    long handle = handles.reserve();
    handles.set(handle, new OpenDirectory(node));
    return handle;
  }

  private OpenDirectory get(long handle) throws ErrnoException {
    OpenDirectory directory = handles.get(handle);
    if (directory == null) {
      throw new ErrnoException(Errno.EBADF, "directory handle " + handle);
    }
    return directory;
  }

  void read(long handle, long offset, boolean withEntries, DirectorySink sink)
      throws ErrnoException {
    OpenDirectory directory = get(handle);
    if (offset == 0 || directory.listing == null) {
      directory.listing = list(directory);
    }
    long next = offset;
    while (next < DOT_NAMES) {
      int length = (int) next + 1;
      if (!sink.fits(length)) {
        return;
      }
      long ino = next == 0 ? directory.node.ino() : parentIno(directory.node);
      sink.accept(DOTS, 0, length, ino, DT_DIR, next + 1, null);
      next++;
    }
    readEntries(directory, (int) (next - DOT_NAMES), withEntries, sink);
  }

  private Listing list(OpenDirectory directory) throws ErrnoException {
    DirNode node = directory.node;
    if (node.isRemoved()) {
      return ListingBuilder.open(new LayerDir[0]).read();
    }
    ListingBuilder builder;
    union.lock.shared().lock();
    try {
      builder = ListingBuilder.open(node.parts());
      directory.impure = isImpure(node);
    } finally {
      union.lock.shared().unlock();
    }
    // Not under the tree lock, which a large directory would hold for long.
    node.lockNames();
    try {
      return builder.read();
    } finally {
      node.unlockNames();
    }
  }

  private static long parentIno(DirNode node) {
    Link link = node.link();
    return link == null ? node.ino() : link.parent().ino();
  }

  private void readEntries(
      OpenDirectory directory, int from, boolean withEntries, DirectorySink sink)
      throws ErrnoException {
    Listing listing = directory.listing;
    for (int i = from; i < listing.size(); i++) {
      if (!listing.isVisible(i)) {
        continue;
      }
      if (!sink.fits(listing.length(i))) {
        return;
      }
      byte[] names = listing.names();
      int start = listing.start(i);
      int length = listing.length(i);
      directory.name.set(names, start, length);
      long nextOffset = i + 1L + DOT_NAMES;
      if (withEntries && fillEntry(directory)) {
        Entry entry = directory.entry;
        int type = FileMode.directoryType(entry.stat.mode);
        sink.accept(names, start, length, entry.stat.ino, type, nextOffset, entry);
      } else {
        sink.accept(names, start, length, ino(directory, i), listing.type(i), nextOffset, null);
      }
    }
  }

  /** The number by which stat shows entry {@code i}, whose name is in the directory's own. */
  private long ino(OpenDirectory directory, int i) throws ErrnoException {
    Listing listing = directory.listing;
    Node known = union.table.peek(directory.node, directory.name);
    if (known != null) {
      return known.ino();
    }
    boolean merged = listing.type(i) == DT_DIR && directory.node.isMerged();
    if (listing.isOfUpper(i) && (directory.impure || merged)) {
      Node found = lookup(directory);
      if (found != null) {
        union.table.release(found, 1);
        return directory.entry.stat.ino;
      }
    }
    return listing.ino(i);
  }

  private boolean isImpure(DirNode node) throws ErrnoException {
    if (!node.inUpper()) {
      return false;
    }
    int fd = node.upper().pin();
    try {
      return union.origins.isImpure(node, fd);
    } finally {
      node.upper().unpin();
    }
  }

  /**
   * Fills the directory's entry, whose lookup the sink's owner will forget; false if it is gone.
   */
  private boolean fillEntry(OpenDirectory directory) {
    Node node = lookup(directory);
    if (node == null) {
      return false;
    }
    Union.fill(node, directory.entry);
    return true;
  }

  /** What the directory's name stands for; one that is refused is still listed. */
  private Node lookup(OpenDirectory directory) {
    try {
      return union.lookup(directory.node, directory.name, directory.entry.stat);
    } catch (ErrnoException e) {
      return null;
    }
  }

  void fsync(long handle, boolean dataOnly) throws ErrnoException {
    DirNode node = get(handle).node;
    if (!node.inUpper()) {
      return;
    }
    int readable;
    union.lock.shared().lock();
    try {
      int fd = node.top().pin();
      try {
        readable = At.open(fd, Name.of("."), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
      } finally {
        node.top().unpin();
      }
    } finally {
      union.lock.shared().unlock();
    }
    try {
      union.syncs.sync(readable, dataOnly);
    } finally {
      Fd.close(readable);
    }
  }

  void release(long handle) {
    OpenDirectory directory = handles.remove(handle);
    if (directory != null) {
      union.table.release(directory.node, 1);
    }
  }
}
