package dev.lamina.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageName;
import dev.lamina.image.ImageSource;
import dev.lamina.image.LayerBlob;
import dev.lamina.image.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An image that was put together here, with the blobs that are new; the store has the others. */
final class MadeImageSource implements ImageSource {
  private final byte[] manifestBytes;
  private final byte[] configBytes;
  private final List<ImageName> names;
  private final Map<Digest, Path> blobs;
  private final ImageConfig config;
  private final List<LayerBlob> layers = new ArrayList<>();

  MadeImageSource(
      byte[] manifestBytes, byte[] configBytes, List<ImageName> names, Map<Digest, Path> blobs)
      throws ImageException {
    this.manifestBytes = manifestBytes;
    this.configBytes = configBytes;
    this.names = List.copyOf(names);
    this.blobs = blobs;
    this.config = ImageConfig.parse(configBytes, "the configuration");
    Manifest manifest = Manifest.parse(manifestBytes, "the manifest");
    if (manifest.layers().size() != config.diffIds().size()
        || !Digest.sha256(configBytes).equals(manifest.config().digest())) {
      throw new ImageException(
          ImageException.Kind.MISMATCH, "the manifest and the configuration are of two images");
    }
    for (int i = 0; i < manifest.layers().size(); i++) {
      Descriptor layer = manifest.layers().get(i);
      layers.add(
          new LayerBlob(
              layer.digest().toString(),
              layer.mediaType(),
              Optional.of(layer.digest()),
              layer.size(),
              config.diffIds().get(i)));
    }
  }

  @Override
  public String name() {
    return names.isEmpty() ? "a new image" : names.get(0).toString();
  }

  @Override
  public List<ImageName> names() {
    return names;
  }

  @Override
  public Optional<byte[]> manifestBytes() {
    return Optional.of(manifestBytes.clone());
  }

  @Override
  public byte[] configBytes() {
    return configBytes.clone();
  }

  @Override
  public ImageConfig config() {
    return config;
  }

  @Override
  public List<LayerBlob> layers() {
    return List.copyOf(layers);
  }

  @Override
  public InputStream openLayer(LayerBlob layer) throws IOException {
    return Files.newInputStream(
        layerFile(layer)
            .orElseThrow(
                () ->
                    new ImageException(
                        ImageException.Kind.NOT_FOUND,
                        "layer " + layer.diffId() + " is neither new nor in the store")));
  }

  @Override
  public Optional<Path> layerFile(LayerBlob layer) {
    return layer.digest().map(blobs::get);
  }

  @Override
  public void close() {}
}
