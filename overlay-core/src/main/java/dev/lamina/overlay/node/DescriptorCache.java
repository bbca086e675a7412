package dev.lamina.overlay.node;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.LongAdder;

/**
 * Bounds the number of directory descriptors that stay open: the least recently opened one that
 * nobody holds is closed first, after a second chance if it was used since. Directories that are in
 * use at this moment may exceed the bound; there are no more of those than threads times layers.
 */
public final class DescriptorCache {
  private final int limit;
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();

  @GuardedBy("this")
  private final ArrayDeque<LayerDir> open = new ArrayDeque<>();

  /** A cache of at most {@code limit} idle descriptors. */
  public DescriptorCache(int limit) {
    this.limit = limit;
  }

  /** Notes that a descriptor was used that was open. */
  void hit() {
    hits.increment();
  }

  /** How often a directory's descriptor was open when it was needed. */
  public long hits() {
    return hits.sum();
  }

  /** How often one was opened. */
  public long misses() {
    return misses.sum();
  }

  /** Notes that {@code directory} was opened; may close others. */
  synchronized void opened(LayerDir directory) {
    misses.increment();
    open.addLast(directory);
    int tries = open.size();
    while (open.size() > limit && tries-- > 0) {
      LayerDir oldest = open.removeFirst();
      if (!oldest.closeUnlessUsed()) {
        open.addLast(oldest);
      }
    }
  }

  /** Forgets {@code directory}, whose node is gone, and closes its descriptor. */
  synchronized void drop(LayerDir directory) {
    directory.clearUse();
    if (directory.closeUnlessUsed()) {
      open.remove(directory);
    }
  }

  /** Closes every descriptor; nobody may use one any more. */
  public synchronized void closeAll() {
    for (LayerDir directory : open) {
      directory.clearUse();
      directory.closeUnlessUsed();
    }
    open.clear();
  }

  /** How many directory descriptors are open now. */
  public synchronized int size() {
    return open.size();
  }
}
