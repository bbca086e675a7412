package dev.lamina.overlay;

import java.util.concurrent.atomic.LongAdder;

/** How often the union knew what it was asked, and how often it had to look at the layers. */
final class CacheCounts {
  final LongAdder knownNames = new LongAdder();
  final LongAdder knownAbsences = new LongAdder();
  final LongAdder resolvedNames = new LongAdder();
  final LongAdder continuedListings = new LongAdder();
  final LongAdder takenListings = new LongAdder();
}
