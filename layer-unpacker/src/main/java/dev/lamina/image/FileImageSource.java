package dev.lamina.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** An image whose configuration has been read from {@link ImageFiles}; owns them. */
final class FileImageSource implements ImageSource {
  private final String name;
  private final ImageFiles files;
  private final List<ImageName> names;
  private final Optional<byte[]> manifestBytes;
  private final byte[] configBytes;
  private final ImageConfig config;
  private final List<LayerBlob> layers;
  private final List<Digest> indexes;

  FileImageSource(
      String name,
      ImageFiles files,
      List<ImageName> names,
      Optional<byte[]> manifestBytes,
      byte[] configBytes,
      ImageConfig config,
      List<LayerBlob> layers,
      List<Digest> indexes) {
    this.name = name;
    this.files = files;
    this.names = names;
    this.manifestBytes = manifestBytes;
    this.configBytes = configBytes;
    this.config = config;
    this.layers = layers;
    this.indexes = indexes;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<ImageName> names() {
    return names;
  }

  @Override
  public Optional<byte[]> manifestBytes() {
    return manifestBytes.map(byte[]::clone);
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
    return layers;
  }

  @Override
  public InputStream openLayer(LayerBlob layer) throws IOException {
    return files.open(layer.path());
  }

  @Override
  public int parallelism() {
    return files.parallelism();
  }

  @Override
  public boolean isDistant() {
    return files.isDistant();
  }

  @Override
  public Optional<Path> layerFile(LayerBlob layer) {
    return files.file(layer.path());
  }

  @Override
  public List<Digest> indexes() {
    return indexes;
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
