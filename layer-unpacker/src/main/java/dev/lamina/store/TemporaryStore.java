package dev.lamina.store;

import dev.lamina.image.ImageException;
import dev.lamina.layer.UnpackLimits;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A store inside the scratch space of another one, for an image that is only looked at. Closing it
 * deletes it; what a process that was killed leaves goes when the other store is opened next.
 */
public final class TemporaryStore implements AutoCloseable {
  private final Staging staging;
  private final ImageStore store;

  private TemporaryStore(Staging staging, ImageStore store) {
    this.staging = staging;
    this.store = store;
  }

  static TemporaryStore create(Path tmp, UnpackLimits limits) throws ImageException {
    try {
      Staging staging = Staging.create(tmp);
      try {
        return new TemporaryStore(
            staging, ImageStore.open(staging.path().resolve("store"), limits));
      } catch (IOException | RuntimeException e) {
        staging.close();
        throw e;
      }
    } catch (IOException e) {
      throw ImageException.host("making a temporary store in " + tmp, e);
    }
  }

  /** The store; good until this is closed. */
  public ImageStore store() {
    return store;
  }

  @Override
  public void close() throws ImageException {
    staging.close();
  }
}
