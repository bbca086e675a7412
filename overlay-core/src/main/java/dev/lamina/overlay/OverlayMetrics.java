package dev.lamina.overlay;

import com.google.common.collect.ImmutableMap;
import dev.lamina.overlay.event.OverlayEvents;
import dev.lamina.overlay.event.PromotionKind;
import dev.lamina.overlay.node.DescriptorCache;
import java.util.Map;

/**
 * What an overlay has done since it was opened, and what it holds: {@link Overlay#metrics}.
 * Immutable. Counts are exact, but taken one after the other while work goes on.
 *
 * @param nodes inodes of the merged tree that somebody holds, the root included; see {@link
 *     Overlay#nodes}
 * @param promotions those that are done, all kinds
 * @param promotionFailures how often one failed; one in parts may do so several times
 * @param partialFiles files that are on their way up block by block now
 * @param whiteouts that were made
 * @param names how lookups of names were answered
 * @param listings parts of directory listings: those that went on in one that is kept are hits
 * @param directories uses of directories of layers: those whose descriptor was open are hits
 * @param openDirectories descriptors of directories that are open now
 */
public record OverlayMetrics(
    int nodes,
    Map<PromotionKind, Promotions> promotions,
    long promotionFailures,
    int partialFiles,
    long whiteouts,
    Names names,
    Cache listings,
    Cache directories,
    int openDirectories) {
  /** Copies the map. */
  public OverlayMetrics {
    promotions = ImmutableMap.copyOf(promotions);
  }

  /**
   * Promotions of one kind.
   *
   * @param count how many
   * @param bytes that were copied for them
   */
  public record Promotions(long count, long bytes) {}

  /**
   * Lookups of names, each counted once. What the kernel remembers never gets here.
   *
   * @param known led to an inode that is held already
   * @param absent known to stand for nothing
   * @param resolved for which layers had to be looked at
   */
  public record Names(long known, long absent, long resolved) {}

  /**
   * A cache.
   *
   * @param hits uses that found what they needed
   * @param misses uses that had to make it
   */
  public record Cache(long hits, long misses) {}

  static OverlayMetrics of(Union union, DescriptorCache directories) {
    OverlayEvents events = union.events;
    ImmutableMap.Builder<PromotionKind, Promotions> promotions = ImmutableMap.builder();
    for (PromotionKind kind : PromotionKind.values()) {
      promotions.put(kind, new Promotions(events.times(kind), events.bytes(kind)));
    }
    CacheCounts caches = union.caches;
    return new OverlayMetrics(
        union.table.size(),
        promotions.build(),
        events.failures(),
        union.partials == null ? 0 : union.partials.outstandingCount(),
        events.whiteouts(),
        new Names(caches.knownNames.sum(), caches.knownAbsences.sum(), caches.resolvedNames.sum()),
        new Cache(caches.continuedListings.sum(), caches.takenListings.sum()),
        new Cache(directories.hits(), directories.misses()),
        directories.size());
  }
}
