package dev.lamina.store;

import dev.lamina.image.Digest;
import dev.lamina.linux.ErrnoException;
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

  /** Moves what is new of it into place, the blob first. All of it is on stable storage. */
  void publish(Staging staging, StoreLayout layout) throws ErrnoException {
    if (blob.isPresent()) {
      Digest digest = blob.get().digest();
      staging.publish(blob.get().file(), layout.blobs(digest.algorithm()), digest.hex());
    }
    if (staged.isPresent()) {
      staging.publish(staged.get(), layout.layers(), layer.key().hex());
    }
  }

  static StagedLayer stored(StoredLayer layer) {
    return new StagedLayer(layer, Optional.empty(), Optional.empty());
  }
}
