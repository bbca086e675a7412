package dev.lamina.cli;

import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageSources;
import dev.lamina.image.Platform;
import dev.lamina.store.ImageStore;
import dev.lamina.store.StoredImage;
import dev.lamina.store.TemporaryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An image that a command looks into: one of the store, or one from a file or directory, which is
 * unpacked into a temporary store (unless the store has it) that goes when this is closed.
 */
final class VisitedImage implements AutoCloseable {
  private final StoredImage image;

  /** Null where the image is the store's. */
  private final TemporaryStore temporary;

  private VisitedImage(StoredImage image, TemporaryStore temporary) {
    this.image = image;
    this.temporary = temporary;
  }

  /** Finds what {@code text} names, by the rules of {@link State#image}. */
  static VisitedImage open(State state, String text, Platform platform)
      throws IOException, CommandFailure {
    Optional<StoredImage> stored = state.store().find(text);
    if (State.isSource(text)) {
      try {
        return fromSource(state.store(), text, platform);
      } catch (ImageException e) {
        if (e.kind() == ImageException.Kind.NOT_FOUND && stored.isPresent()) {
          return new VisitedImage(stored.get(), null);
        }
        throw e;
      }
    }
    if (stored.isPresent()) {
      return new VisitedImage(stored.get(), null);
    }
    if (Files.exists(Path.of(text))) {
      return fromSource(state.store(), text, platform);
    }
    throw new CommandFailure(
        ExitStatus.NOT_FOUND,
        "no image \"" + text + "\" in the store, and no file of that name (see lamina images)");
  }

  private static VisitedImage fromSource(ImageStore store, String text, Platform platform)
      throws IOException {
    try (ImageSource source = ImageSources.open(text, platform)) {
      Optional<StoredImage> known = store.find(source.id().toString());
      if (known.isPresent()) {
        return new VisitedImage(known.get(), null);
      }
      TemporaryStore temporary = store.temporary();
      try (UnpackProgress progress = UnpackProgress.onStandardError(source.layers())) {
        return new VisitedImage(temporary.store().unpack(source, progress), temporary);
      } catch (IOException | RuntimeException e) {
        temporary.close();
        throw e;
      }
    }
  }

  StoredImage image() {
    return image;
  }

  @Override
  public void close() throws ImageException {
    if (temporary != null) {
      temporary.close();
    }
  }
}
