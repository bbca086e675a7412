package dev.lamina.overlay;

import dev.lamina.linux.Stat;

/**
 * What a name stands for: a node and its attributes. Whoever receives a filled one holds one more
 * lookup of {@link #node} and owes an {@link InodeFileSystem#forget}.
 */
public final class Entry {
  /** Node id; never 0 in a filled entry. */
  public long node;

  /** Differs whenever {@link #node} was used for another object before. */
  public long generation;

  /** Attributes as the merged tree shows them. */
  public final Stat stat = new Stat();
}
