package dev.lamina.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The layers and blobs that images refer to, directly or not. A snapshot: it stays right as long as
 * the caller holds the store's lock exclusively.
 *
 * @param layers keys
 * @param blobs that some manifest names, or that a layer was unpacked from; need not be there
 */
record References(Set<Digest> layers, Set<Digest> blobs) {
  /** Those of {@code images}, and of processes that pinned what they use. */
  static References of(
      StoreLayout layout, ImageRecords records, Collection<Digest> images, Set<Pin> pins)
      throws IOException {
    Set<Digest> layers = new HashSet<>();
    Set<Digest> blobs = new HashSet<>();
    for (Digest image : images) {
      records.record(image).ifPresent(record -> layers.addAll(record.layers()));
      for (Digest manifest : records.manifests(image)) {
        for (Descriptor layer : records.manifest(image, manifest).document().layers()) {
          blobs.add(layer.digest());
        }
      }
    }
    for (Pin pin : pins) {
      switch (pin.kind()) {
        case LAYER -> layers.add(pin.digest());
        case BLOB -> blobs.add(pin.digest());
        case IMAGE -> {} // It is among the images: nobody condemns it.
      }
    }
    for (Digest key : layers) {
      Optional<StoredLayer> layer = layout.layer(key);
      layer.flatMap(StoredLayer::blob).ifPresent(blob -> blobs.add(blob.digest()));
    }
    return new References(layers, blobs);
  }
}
