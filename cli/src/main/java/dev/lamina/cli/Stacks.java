package dev.lamina.cli;

import dev.lamina.layer.Dialect;
import dev.lamina.overlay.LowerLayer;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.overlay.owner.OwnerRecords;
import dev.lamina.overlay.owner.Ownership;
import dev.lamina.store.StoredImage;
import dev.lamina.store.StoredLayer;

/** The layers of images and containers as the union takes them. */
final class Stacks {
  private Stacks() {}

  /** An image's layers, under the container's writable one if it has one. */
  static OverlayOptions of(State state, StoredImage image, Container container) {
    return of(state, image, container, Ownership.AS_STORED);
  }

  /** As above, with owners shown as {@code ownership} says. */
  static OverlayOptions of(
      State state, StoredImage image, Container container, Ownership ownership) {
    OverlayOptions.Builder options = OverlayOptions.builder().ownership(ownership);
    OwnerRecords rootOwner = owners(image.rootOwnerRecorded());
    image
        .root()
        .ifPresent(
            root -> options.addLower(new LowerLayer(root, LowerLayer.Marks.KERNEL, rootOwner)));
    for (StoredLayer layer : image.layers()) {
      LowerLayer.Marks marks = marks(layer.dialect());
      options.addLower(new LowerLayer(layer.tree(), marks, owners(layer.ownersRecorded())));
    }
    if (!container.readOnly()) {
      options
          .writable(
              state.containers().upper(container.name()), state.containers().work(container.name()))
          .upperMarks(LowerLayer.Marks.KERNEL)
          .upperOwners(owners(container.ownersRecorded()));
    }
    return options.build();
  }

  private static OwnerRecords owners(boolean recorded) {
    return recorded ? OwnerRecords.STORE : OwnerRecords.NONE;
  }

  private static LowerLayer.Marks marks(Dialect dialect) {
    return dialect == Dialect.AUFS ? LowerLayer.Marks.ANY : LowerLayer.Marks.KERNEL;
  }
}
