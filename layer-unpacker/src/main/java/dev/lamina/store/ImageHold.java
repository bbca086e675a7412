package dev.lamina.store;

import java.io.Closeable;
import java.io.IOException;

/**
 * Keeps an image, its layers and its blobs where they are as long as it is open and its process
 * lives: {@code rmi} refuses the image, {@code gc} spares it. For mounts, and for whoever copies
 * the image.
 */
public final class ImageHold implements Closeable {
  /** Of a store on a read-only filesystem, from which nobody takes anything. */
  static final ImageHold NONE_NEEDED = new ImageHold(null);

  /** Null where nothing has to be held. */
  private final Staging staging;

  private boolean closed;

  ImageHold(Staging staging) {
    this.staging = staging;
  }

  @Override
  public void close() throws IOException {
    if (!closed && staging != null) {
      closed = true;
      staging.close();
    }
  }
}
