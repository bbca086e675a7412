package dev.lamina.store;

import dev.lamina.image.Digest;
import java.util.Optional;

/**
 * A layer of an image that is being unpacked, and what of it is new in the staging directory.
 *
 * @param staged its directory's name; empty where the store has it, or where the same layer stands
 *     further down
 * @param blob empty where none was kept
 */
record StagedLayer(StoredLayer layer, Optional<String> staged, Optional<Blob> blob) {
  /** A kept blob: a file of the staging directory. */
  record Blob(String file, Digest digest) {}

  static StagedLayer stored(StoredLayer layer) {
    return new StagedLayer(layer, Optional.empty(), Optional.empty());
  }
}
