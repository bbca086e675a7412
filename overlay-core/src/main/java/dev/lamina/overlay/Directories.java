package dev.lamina.overlay;

import dev.lamina.linux.At;
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

/**
 * Listing directories. Nobody says when reading starts and ends, so a listing is taken at offset 0
 * and, while its reader goes on, comes from {@link Listings}; offsets are its cookies.
 */
final class Directories {
  /** Offsets after {@code .} and {@code ..}. */
  private static final int DOT_NAMES = 2;

  /**
   * How many names of a directory come with their nodes. Whoever lists so many does not look at
   * each, or looks at each for so long that the requests do not matter.
   */
  private static final int MOST_ENTRIES = 8192;

  private static final byte[] DOTS = {'.', '.'};
  private static final int DT_DIR = FileMode.directoryType(FileMode.S_IFDIR);

  /** What a thread needs for one entry. */
  private static final class Scratch {
    final Name name = new Name();
    final Entry entry = new Entry();
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final Union union;
  private final Listings listings = new Listings();

  Directories(Union union) {
    this.union = union;
  }

  void read(DirNode node, long offset, boolean withEntries, DirectorySink sink)
      throws ErrnoException {
    Listings.Snapshot snapshot = offset == 0 ? null : listings.get(node);
    if (snapshot == null) {
      union.caches.takenListings.increment();
      snapshot = list(node);
      listings.put(node, snapshot);
    } else {
      union.caches.continuedListings.increment();
    }
    int place = snapshot.listing().placeAfter(offset);
    if (offset >= DOT_NAMES && place == snapshot.listing().shown()) {
      // Its reader has seen all of it.
      listings.remove(node);
      return;
    }
    for (int dots = (int) Math.min(offset, DOT_NAMES) + 1; dots <= DOT_NAMES; dots++) {
      if (!sink.fits(dots)) {
        return;
      }
      long ino = dots == 1 ? node.ino() : parentIno(node);
      sink.accept(DOTS, 0, dots, ino, DT_DIR, dots, null);
    }
    readEntries(node, snapshot, place, withEntries, sink);
  }

  private Listings.Snapshot list(DirNode node) throws ErrnoException {
    if (node.isRemoved()) {
      return new Listings.Snapshot(ListingBuilder.open(new LayerDir[0]).read(), false);
    }
    ListingBuilder builder;
    boolean impure;
    union.lock.shared().lock();
    try {
      builder = ListingBuilder.open(node.parts());
      impure = isImpure(node);
    } finally {
      union.lock.shared().unlock();
    }
    // Not under the tree lock, which a large directory would hold for long.
    node.lockNames();
    try {
      return new Listings.Snapshot(builder.read(), impure);
    } finally {
      node.unlockNames();
    }
  }

  private static long parentIno(DirNode node) {
    Link link = node.link();
    return link == null ? node.ino() : link.parent().ino();
  }

  private void readEntries(
      DirNode node, Listings.Snapshot snapshot, int from, boolean withEntries, DirectorySink sink)
      throws ErrnoException {
    Scratch scratch = SCRATCH.get();
    Listing listing = snapshot.listing();
    byte[] names = listing.names();
    for (int place = from; place < listing.shown(); place++) {
      int i = listing.entry(place);
      int start = listing.start(i);
      int length = listing.length(i);
      if (!sink.fits(length)) {
        return;
      }
      scratch.name.set(names, start, length);
      long nextOffset = listing.cookie(place);
      if (withEntries && place < MOST_ENTRIES && fillEntry(node, scratch)) {
        Entry entry = scratch.entry;
        int type = FileMode.directoryType(entry.stat.mode);
        sink.accept(names, start, length, entry.stat.ino, type, nextOffset, entry);
      } else {
        long ino = ino(node, snapshot, i, scratch);
        sink.accept(names, start, length, ino, listing.type(i), nextOffset, null);
      }
    }
  }

  /** The number by which stat shows entry {@code i}, whose name is in the scratch. */
  private long ino(DirNode node, Listings.Snapshot snapshot, int i, Scratch scratch)
      throws ErrnoException {
    Listing listing = snapshot.listing();
    Node known = union.table.peek(node, scratch.name);
    if (known != null) {
      return known.ino();
    }
    boolean merged = listing.type(i) == DT_DIR && node.isMerged();
    if (listing.isOfUpper(i) && (snapshot.impure() || merged)) {
      Node found = lookup(node, scratch);
      if (found != null) {
        union.table.release(found, 1);
        return scratch.entry.stat.ino;
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

  /** Fills the scratch's entry, whose lookup the sink's owner will forget; false if it is gone. */
  private boolean fillEntry(DirNode directory, Scratch scratch) {
    Node node = lookup(directory, scratch);
    if (node == null) {
      return false;
    }
    Union.fill(node, scratch.entry);
    return true;
  }

  /** What the scratch's name stands for; one that is refused is still listed. */
  private Node lookup(DirNode directory, Scratch scratch) {
    try {
      return union.names.lookup(directory, scratch.name, scratch.entry.stat);
    } catch (ErrnoException e) {
      return null;
    }
  }

  void fsync(DirNode node, boolean dataOnly) throws ErrnoException {
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
}
