package dev.lamina.store;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.layer.RecordedStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;

/**
 * The blobs of layers: files that are kept as they came, and uncompressed streams that are rebuilt
 * from a layer's tree and its record. Contents are for the reader to compare with their digest.
 */
final class BlobStore {
  private final StoreLayout layout;

  BlobStore(StoreLayout layout) {
    this.layout = layout;
  }

  boolean has(Digest digest) {
    return Files.exists(layout.blob(digest));
  }

  /** Whether {@link #open} finds anything. */
  boolean canOpen(Digest digest, StoredLayer layer) {
    return has(digest) || isRebuilt(digest, layer);
  }

  private static boolean isRebuilt(Digest digest, StoredLayer layer) {
    return digest.equals(layer.diffId()) && Files.exists(layer.streamRecord());
  }

  /**
   * A blob of {@code layer}.
   *
   * @throws ImageException NOT_FOUND where it was dropped, or never kept
   */
  InputStream open(Digest digest, StoredLayer layer) throws IOException {
    if (has(digest)) {
      return Files.newInputStream(layout.blob(digest));
    }
    if (isRebuilt(digest, layer)) {
      return RecordedStream.open(layer.streamRecord(), layer.tree());
    }
    throw gone(digest);
  }

  ImageException gone(Digest digest) {
    return new ImageException(
        ImageException.Kind.NOT_FOUND,
        "the store does not have blob " + digest + "; unpack the image again to bring it back");
  }
}
