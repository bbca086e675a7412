package dev.lamina.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.GzipBlob;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageName;
import dev.lamina.image.LayerContent;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes an image in that was made here: new layers first, then the manifest and configuration that
 * name them, and layers that the store has, together. Nothing is to be seen of it before {@link
 * #finish} returns, and nothing stays if it is closed before that. For one thread.
 *
 * <pre>{@code
 * try (ImageIntake intake = store.intake()) {
 *   ImageIntake.Layer layer = intake.layer(content);
 *   byte[] config = ...;   // diff_ids of the parent, and layer.diffId()
 *   byte[] manifest = ...; // descriptors of the parent's layers, and layer.descriptor()
 *   StoredImage image = intake.finish(manifest, config, List.of(name), ProgressListener.NONE);
 * }
 * }</pre>
 */
public final class ImageIntake implements Closeable {
  private final ImageStore store;
  private final Staging staging;
  private final Map<Digest, Path> taken = new HashMap<>();

  ImageIntake(ImageStore store, Staging staging) {
    this.store = store;
    this.staging = staging;
  }

  /**
   * A layer that was taken in.
   *
   * @param descriptor of the blob as it is kept, compressed
   * @param bytes of the uncompressed stream
   */
  public record Layer(Descriptor descriptor, Digest diffId, long bytes) {}

  /** Writes a layer as a blob compressed with gzip; the same content gives the same blob. */
  public Layer layer(LayerContent content) throws IOException {
    Path file = staging.path().resolve("taken-" + taken.size());
    MessageDigest diffId = Digest.newSha256();
    GzipBlob blob = GzipBlob.write(content, file, diffId);
    taken.put(blob.digest(), file);
    return new Layer(blob.descriptor(), Digest.sha256(diffId), blob.bytes());
  }

  /**
   * Unpacks and verifies the new layers and publishes the image under {@code names}, which then
   * mean no other image any more.
   *
   * @throws ImageException NOT_FOUND where the manifest names a layer that is neither new nor in
   *     the store
   */
  public StoredImage finish(
      byte[] manifest, byte[] config, List<ImageName> names, ProgressListener progress)
      throws IOException {
    try (MadeImageSource source = new MadeImageSource(manifest, config, names, taken)) {
      return store.unpack(source, BlobPolicy.KEEP_NEW, progress);
    }
  }

  @Override
  public void close() throws IOException {
    staging.close();
  }
}
