package dev.lamina.overlay;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.overlay.merge.Listing;
import dev.lamina.overlay.node.DirNode;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Listings of directories that somebody is in the middle of reading, the latest ones. One that is
 * gone when its reader comes back is taken anew; cookies are the same in both. Thread-safe.
 */
final class Listings {
  /** A listing of 200,000 entries is one of these at most; about 40 bytes an entry. */
  private static final int MOST_ENTRIES = 1 << 16;

  /**
   * One listing.
   *
   * @param impure whether the upper's entries in it may have an origin
   */
  record Snapshot(Listing listing, boolean impure) {}

  @GuardedBy("this")
  private final LinkedHashMap<DirNode, Snapshot> latest = new LinkedHashMap<>();

  @GuardedBy("this")
  private int entries;

  synchronized Snapshot get(DirNode directory) {
    return latest.get(directory);
  }

  /** Keeps {@code snapshot}, at the cost of the oldest ones. */
  synchronized void put(DirNode directory, Snapshot snapshot) {
    remove(directory);
    latest.put(directory, snapshot);
    entries += snapshot.listing.shown();
    Iterator<Map.Entry<DirNode, Snapshot>> oldest = latest.entrySet().iterator();
    while (entries > MOST_ENTRIES && latest.size() > 1) {
      entries -= oldest.next().getValue().listing.shown();
      oldest.remove();
    }
  }

  synchronized void remove(DirNode directory) {
    Snapshot gone = latest.remove(directory);
    if (gone != null) {
      entries -= gone.listing.shown();
    }
  }
}
