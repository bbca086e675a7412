package dev.lamina.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageName;
import dev.lamina.image.ImageSource;
import dev.lamina.image.LayerBlob;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An image of the store with its documents and blobs, for whoever copies it somewhere else. Holds
 * the image until it is closed.
 *
 * <p>The store may have dropped the blob of a layer. {@link #has} tells; {@link #openLayer} then
 * fails. {@link #complete} gives the same image (the same configuration, so the same id) with a
 * manifest that names the uncompressed streams of such layers, which the store rebuilds byte for
 * byte (or another blob that it has for one): a target that has the old blob can do with the old
 * manifest, any other needs the new one.
 *
 * <p>Streams are checked for nothing here but that they rebuild: whoever reads one compares it with
 * its descriptor. Safe for several threads.
 */
public final class StoredImageSource implements ImageSource {
  private final StoredImage image;
  private final StoredManifest manifest;
  private final byte[] configBytes;
  private final BlobStore blobs;
  private final ImageHold hold;

  StoredImageSource(
      StoredImage image,
      StoredManifest manifest,
      byte[] configBytes,
      BlobStore blobs,
      ImageHold hold) {
    this.image = image;
    this.manifest = manifest;
    this.configBytes = configBytes;
    this.blobs = blobs;
    this.hold = hold;
  }

  @Override
  public String name() {
    return image.names().isEmpty() ? image.id().toString() : image.names().get(0).toString();
  }

  @Override
  public List<ImageName> names() {
    return image.names();
  }

  /** The image that is copied. */
  public StoredImage image() {
    return image;
  }

  /** Never empty: an image that came without a manifest has one made for it. */
  @Override
  public Optional<byte[]> manifestBytes() {
    return Optional.of(manifest.bytes());
  }

  /** Media type, digest and size of {@link #manifestBytes}. */
  public Descriptor manifestDescriptor() {
    return manifest.descriptor();
  }

  /** What {@link #manifestBytes} say. */
  public Manifest manifest() {
    return manifest.document();
  }

  @Override
  public byte[] configBytes() {
    return configBytes.clone();
  }

  @Override
  public ImageConfig config() {
    return image.config();
  }

  /** As the manifest names them; {@link LayerBlob#digest} is never empty. */
  @Override
  public List<LayerBlob> layers() {
    List<LayerBlob> layers = new ArrayList<>();
    List<Digest> diffIds = image.config().diffIds();
    for (int i = 0; i < diffIds.size(); i++) {
      Descriptor layer = manifest.document().layers().get(i);
      layers.add(
          new LayerBlob(
              layer.digest().toString(),
              layer.mediaType(),
              Optional.of(layer.digest()),
              layer.size(),
              diffIds.get(i)));
    }
    return layers;
  }

  @Override
  public boolean has(LayerBlob layer) throws IOException {
    return blobs.canOpen(layer.digest().orElseThrow(), storedLayer(layer.diffId()));
  }

  /** Whether {@link #has} is true of all layers. */
  public boolean isComplete() throws IOException {
    for (LayerBlob layer : layers()) {
      if (!has(layer)) {
        return false;
      }
    }
    return true;
  }

  /**
   * This image with a manifest whose layers can all be read here; itself where that is so already.
   * Both are one hold: closing either closes both.
   *
   * @throws ImageException NOT_FOUND where a layer has neither blob nor record: one that a store of
   *     format 1 dropped. Unpacking the image again from its source brings its blob back
   */
  @Override
  public StoredImageSource complete() throws IOException {
    if (isComplete()) {
      return this;
    }
    List<Descriptor> layers = new ArrayList<>();
    for (LayerBlob layer : layers()) {
      layers.add(has(layer) ? described(layer) : rebuilt(layer));
    }
    Descriptor config =
        Descriptor.of(MediaTypes.OCI_CONFIG, Digest.sha256(configBytes), configBytes.length);
    Manifest made =
        new Manifest(2, MediaTypes.OCI_MANIFEST, config, layers, manifest.document().annotations());
    return new StoredImageSource(
        image, StoredManifest.of(made.toBytes()), configBytes, blobs, hold);
  }

  private static Descriptor described(LayerBlob layer) {
    String mediaType = MediaTypes.ociLayer(layer.mediaType());
    return Descriptor.of(mediaType, layer.digest().orElseThrow(), layer.size());
  }

  private Descriptor rebuilt(LayerBlob layer) throws IOException {
    StoredLayer stored = storedLayer(layer.diffId());
    Optional<Descriptor> other = stored.blob().filter(blob -> blobs.has(blob.digest()));
    if (other.isPresent()) {
      // It came with another image, compressed in another way.
      String mediaType = MediaTypes.ociLayer(other.get().mediaType());
      return Descriptor.of(mediaType, other.get().digest(), other.get().size());
    }
    if (!blobs.canOpen(layer.diffId(), stored)) {
      throw blobs.gone(layer.digest().orElseThrow());
    }
    return Descriptor.of(MediaTypes.OCI_LAYER, layer.diffId(), stored.bytes());
  }

  /**
   * The blob.
   *
   * @throws ImageException NOT_FOUND where the store has dropped it
   */
  @Override
  public InputStream openLayer(LayerBlob layer) throws IOException {
    return blobs.open(layer.digest().orElseThrow(), storedLayer(layer.diffId()));
  }

  /** Configuration or layer by its descriptor in {@link #manifest}; else as {@link #openLayer}. */
  public InputStream open(Descriptor descriptor) throws IOException {
    if (descriptor.digest().equals(manifest.document().config().digest())) {
      return new ByteArrayInputStream(configBytes);
    }
    for (LayerBlob layer : layers()) {
      if (layer.digest().orElseThrow().equals(descriptor.digest())) {
        return openLayer(layer);
      }
    }
    throw new ImageException(
        ImageException.Kind.NOT_FOUND, name() + " has no blob " + descriptor.digest());
  }

  private StoredLayer storedLayer(Digest diffId) {
    return image.layers().stream()
        .filter(layer -> layer.diffId().equals(diffId))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() throws IOException {
    hold.close();
  }
}
