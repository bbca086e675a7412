package dev.lamina.cli;

import dev.lamina.image.ImageSource;
import dev.lamina.image.Platform;
import dev.lamina.store.BlobPolicy;
import dev.lamina.store.ImageHold;
import dev.lamina.store.StoredImage;
import dev.lamina.store.TemporaryStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The images that a command looks into: of the store, which keeps them until this is closed, or
 * from elsewhere, which are unpacked into one temporary store (unless the store has them) that goes
 * when this is closed.
 */
final class ImageVisit implements AutoCloseable {
  private final State state;
  private final Platform platform;
  private final List<ImageHold> holds = new ArrayList<>();

  /** Null until it is needed. */
  private TemporaryStore temporary;

  /**
   * Begins a visit.
   *
   * @param platform null where the user named none
   */
  ImageVisit(State state, Platform platform) {
    this.state = state;
    this.platform = platform;
  }

  /** Finds what {@code text} names, by the rules of {@link State#image}. */
  StoredImage image(String text) throws IOException, CommandFailure {
    return state.image(text, this::held, this::unpacked);
  }

  private StoredImage held(StoredImage image) throws IOException {
    holds.add(state.store().hold(image));
    return image;
  }

  private StoredImage unpacked(String text) throws IOException {
    try (ImageSource source = state.source(text, platform)) {
      Optional<StoredImage> known = state.store().find(source.id().toString());
      if (known.isPresent()) {
        return held(known.get());
      }
      if (temporary == null) {
        temporary = state.store().temporary();
      }
      try (UnpackProgress progress = UnpackProgress.ofUnpacking(source.layers(), false)) {
        return temporary.store().unpack(source, BlobPolicy.DROP, progress);
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (ImageHold hold : holds) {
      hold.close();
    }
    holds.clear();
    if (temporary != null) {
      temporary.close();
      temporary = null;
    }
  }
}
