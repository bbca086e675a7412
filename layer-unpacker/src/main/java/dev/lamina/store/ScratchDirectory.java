package dev.lamina.store;

import dev.lamina.image.ImageException;
import dev.lamina.linux.ErrnoException;
import java.nio.file.Path;

/**
 * A directory in a store's scratch space, where there is room for layers. Closing it deletes it;
 * what a process that was killed leaves goes when the store is opened next.
 */
public final class ScratchDirectory implements AutoCloseable {
  private final Staging staging;

  private ScratchDirectory(Staging staging) {
    this.staging = staging;
  }

  static ScratchDirectory create(Path tmp) throws ImageException {
    try {
      return new ScratchDirectory(Staging.create(tmp));
    } catch (ErrnoException e) {
      throw ImageException.host("making a directory in " + tmp, e);
    }
  }

  /** Where it is. */
  public Path path() {
    return staging.path();
  }

  @Override
  public void close() throws ImageException {
    staging.close();
  }
}
