package dev.lamina.store;

import dev.lamina.image.Digest;
import java.util.List;

/** What was taken out of a store, or would be. */
public record Garbage(List<Item> items) {
  /** The parts of a store. */
  public enum Kind {
    IMAGE,
    LAYER,
    BLOB
  }

  /**
   * One of them.
   *
   * @param bytes of a layer's archive, or of a blob; 0 of an image, which is little beside them
   */
  public record Item(Kind kind, Digest digest, long bytes) {}

  /** Bytes of all items together. */
  public long bytes() {
    return items.stream().mapToLong(Item::bytes).sum();
  }
}
