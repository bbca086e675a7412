package dev.lamina.registry;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.LayerBlob;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.VerifyingInputStream;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * What a push has to bring along: the image's own manifest and blobs, byte for byte, or, of an
 * image that has no manifest, a new one over its layers compressed with gzip.
 */
final class PushPlan implements Closeable {
  private final ImageSource source;

  /** Layers by their places in the image that were compressed here. */
  private final List<Optional<CompressedLayer>> compressed;

  private final byte[] manifest;
  private final String mediaType;
  private final Descriptor config;

  private PushPlan(
      ImageSource source,
      List<Optional<CompressedLayer>> compressed,
      byte[] manifest,
      String mediaType,
      Descriptor config) {
    this.source = source;
    this.compressed = compressed;
    this.manifest = manifest;
    this.mediaType = mediaType;
    this.config = config;
  }

  /**
   * Makes a plan.
   *
   * @param scratch where layers are compressed, if they have to be
   */
  static PushPlan of(ImageSource source, Path scratch) throws IOException {
    Optional<byte[]> own = source.manifestBytes();
    boolean complete = source.layers().stream().allMatch(layer -> layer.digest().isPresent());
    return own.isPresent() && complete ? asItIs(source, own.get()) : made(source, scratch);
  }

  private static PushPlan asItIs(ImageSource source, byte[] manifest) throws IOException {
    String what = source.name() + ": the manifest";
    Manifest parsed = Manifest.parse(manifest, what);
    String mediaType = MediaTypes.ofManifest(parsed);
    List<Optional<CompressedLayer>> none =
        source.layers().stream().map(layer -> Optional.<CompressedLayer>empty()).toList();
    return new PushPlan(source, none, manifest, mediaType, parsed.config());
  }

  private static PushPlan made(ImageSource source, Path scratch) throws IOException {
    List<Optional<CompressedLayer>> compressed = new ArrayList<>();
    List<Descriptor> descriptors = new ArrayList<>();
    try {
      for (LayerBlob layer : source.layers()) {
        Path file = scratch.resolve("layer-" + compressed.size());
        CompressedLayer made = CompressedLayer.make(source, layer, file);
        compressed.add(Optional.of(made));
        descriptors.add(Descriptor.of(MediaTypes.OCI_LAYER_GZIP, made.digest(), made.size()));
      }
      byte[] configBytes = source.configBytes();
      Descriptor config =
          Descriptor.of(MediaTypes.OCI_CONFIG, Digest.sha256(configBytes), configBytes.length);
      byte[] manifest = Manifest.oci(config, descriptors).toBytes();
      return new PushPlan(source, compressed, manifest, MediaTypes.OCI_MANIFEST, config);
    } catch (IOException | RuntimeException e) {
      delete(compressed);
      throw e;
    }
  }

  byte[] manifest() {
    return manifest;
  }

  String mediaType() {
    return mediaType;
  }

  /** The configuration as a blob. */
  PushedBlob config() {
    byte[] bytes = source.configBytes();
    return new PushedBlob(
        config.digest(), bytes.length, () -> new ByteArrayInputStream(bytes), advanced -> {});
  }

  /** A layer as a blob; {@code index} counts from the bottom. */
  PushedBlob layer(int index, LongConsumer progress) {
    LayerBlob layer = source.layers().get(index);
    return compressed
        .get(index)
        .map(
            made ->
                new PushedBlob(
                    made.digest(),
                    made.size(),
                    () -> Files.newInputStream(made.file()),
                    advanced ->
                        progress.accept((long) (advanced * ((double) layer.size() / made.size())))))
        .orElseGet(
            () ->
                new PushedBlob(
                    layer.digest().orElseThrow(),
                    layer.size(),
                    () -> source.openLayer(layer),
                    progress));
  }

  /** Reads a blob that goes as it is and compares it with its digest, before anything is sent. */
  void verify(int index) throws IOException {
    LayerBlob layer = source.layers().get(index);
    if (compressed.get(index).isPresent()) {
      return;
    }
    String what = source.name() + ": blob " + layer.digest().orElseThrow();
    try (InputStream in = source.openLayer(layer);
        VerifyingInputStream verifying =
            new VerifyingInputStream(in, what, layer.size(), layer.digest())) {
      verifying.verify();
    } catch (IOException e) {
      throw ImageException.host("reading " + what, e);
    }
  }

  private static void delete(List<Optional<CompressedLayer>> layers) throws IOException {
    for (Optional<CompressedLayer> layer : layers) {
      if (layer.isPresent()) {
        Files.deleteIfExists(layer.get().file());
      }
    }
  }

  @Override
  public void close() throws IOException {
    delete(compressed);
  }
}
