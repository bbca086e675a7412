package dev.lamina.cli;

import dev.lamina.layer.Dialect;
import dev.lamina.overlay.LowerLayer;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.store.StoredImage;
import dev.lamina.store.StoredLayer;

/** The layers of images and containers as the union takes them. */
final class Stacks {
  private Stacks() {}

  /** An image's layers, under the container's writable one if it has one. */
  static OverlayOptions of(State state, StoredImage image, Container container) {
    OverlayOptions.Builder options = OverlayOptions.builder();
    image.root().ifPresent(root -> options.addLower(new LowerLayer(root, LowerLayer.Marks.KERNEL)));
    for (StoredLayer layer : image.layers()) {
      options.addLower(new LowerLayer(layer.tree(), marks(layer.dialect())));
    }
    if (!container.readOnly()) {
      options
          .writable(
              state.containers().upper(container.name()), state.containers().work(container.name()))
          .upperMarks(LowerLayer.Marks.KERNEL);
    }
    return options.build();
  }

  private static LowerLayer.Marks marks(Dialect dialect) {
    return dialect == Dialect.AUFS ? LowerLayer.Marks.ANY : LowerLayer.Marks.KERNEL;
  }
}
