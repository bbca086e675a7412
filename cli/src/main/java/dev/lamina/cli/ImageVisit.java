package dev.lamina.cli;

import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.Platform;
import dev.lamina.store.StoredImage;
import dev.lamina.store.TemporaryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The images that a command looks into: of the store, or from files and directories, which are
 * unpacked into one temporary store (unless the store has them) that goes when this is closed.
 */
final class ImageVisit implements AutoCloseable {
  private final State state;
  private final Platform platform;

  /** Null until it is needed. */
  private TemporaryStore temporary;

  ImageVisit(State state, Platform platform) {
    this.state = state;
    this.platform = platform;
  }

  /** Finds what {@code text} names, by the rules of {@link State#image}. */
  StoredImage image(String text) throws IOException, CommandFailure {
    Optional<StoredImage> stored = state.store().find(text);
    if (State.isSource(text)) {
      try {
        return unpacked(text);
      } catch (ImageException e) {
        if (e.kind() == ImageException.Kind.NOT_FOUND && stored.isPresent()) {
          return stored.get();
        }
        throw e;
      }
    }
    if (stored.isPresent()) {
      return stored.get();
    }
    if (Files.exists(Path.of(text))) {
      return unpacked(text);
    }
    throw new CommandFailure(
        ExitStatus.NOT_FOUND,
        "no image \"" + text + "\" in the store, and no file of that name (see lamina images)");
  }

  private StoredImage unpacked(String text) throws IOException {
    try (ImageSource source = state.source(text, platform)) {
      Optional<StoredImage> known = state.store().find(source.id().toString());
      if (known.isPresent()) {
        return known.get();
      }
      if (temporary == null) {
        temporary = state.store().temporary();
      }
      try (UnpackProgress progress = UnpackProgress.ofUnpacking(source.layers(), false)) {
        return temporary.store().unpack(source, progress);
      }
    }
  }

  @Override
  public void close() throws ImageException {
    if (temporary != null) {
      temporary.close();
      temporary = null;
    }
  }
}
