package dev.lamina.cli;

import dev.lamina.overlay.OverlayOptions;
import dev.lamina.overlay.owner.Ownership;
import dev.lamina.store.ImageStack;
import dev.lamina.store.StoredImage;

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
    OverlayOptions.Builder options =
        container.readOnly()
            ? ImageStack.readOnly(image)
            : ImageStack.writable(
                image,
                state.containers().upper(container.name()),
                state.containers().work(container.name()),
                container.ownersRecorded());
    return options.ownership(ownership).build();
  }
}
