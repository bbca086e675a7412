package dev.lamina.store;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageName;
import dev.lamina.image.ImageSource;
import dev.lamina.layer.Dialect;
import dev.lamina.layer.LayerUnpacker;
import dev.lamina.layer.RootDirectory;
import dev.lamina.layer.UnpackLimits;
import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One image on its way into the store: all is made and verified in a staging directory, brought to
 * stable storage, then published in an order in which nothing ever refers to what is not there:
 * blobs and layers, the image, its names.
 */
final class ImageUnpack {
  private final StoreLayout layout;
  private final ImageSource source;
  private final Staging staging;
  private final Digest id;

  ImageUnpack(StoreLayout layout, ImageSource source, Staging staging) {
    this.layout = layout;
    this.source = source;
    this.staging = staging;
    this.id = source.id();
  }

  /** Runs to the end; the digest of the image's manifest. */
  @SuppressWarnings("try") // The lock is held, not used.
  Digest run(UnpackLimits limits, BlobPolicy policy, ProgressListener progress) throws IOException {
    LayerUnpacker unpacker = new LayerUnpacker(probe(staging), limits);
    List<StagedLayer> layers =
        new LayerJobs(layout, source, staging, unpacker, policy, progress).run();
    StoredManifest manifest = stageImage(layers);
    staging.sync();
    try (StoreLock lock = StoreLock.shared(layout)) {
      publish(layers, manifest);
    }
    return manifest.digest();
  }

  static Dialect probe(Staging staging) throws ErrnoException {
    Path directory = staging.directory("probe");
    int fd = At.openDirectory(At.FDCWD, Name.of(directory.toString()));
    try {
      return Dialect.probe(fd);
    } finally {
      Fd.close(fd);
    }
  }

  private StoredManifest stageImage(List<StagedLayer> layers) throws IOException {
    Path directory = staging.directory("image");
    byte[] config = source.configBytes();
    Files.write(directory.resolve(ImageRecords.CONFIG), config);
    List<Digest> keys = layers.stream().map(staged -> staged.layer().key()).toList();
    StoreRecords.write(
        directory.resolve(ImageRecords.RECORD),
        new StoreRecords.Image(keys, ImageStore.recordsOwners()));
    StoredManifest manifest = manifest(config, layers);
    Path manifests = staging.directory("image/" + ImageRecords.MANIFESTS);
    Files.write(manifests.resolve(manifest.digest().hex()), manifest.bytes());
    Path indexes = staging.directory("image/" + ImageRecords.INDEXES);
    for (Digest index : source.indexes()) {
      Files.writeString(
          indexes.resolve(index.hex()), manifest.digest().toString(), StandardCharsets.UTF_8);
    }
    stageRoot(layers);
    return manifest;
  }

  private StoredManifest manifest(byte[] config, List<StagedLayer> layers) throws IOException {
    Optional<byte[]> given = source.manifestBytes();
    if (given.isPresent()) {
      return StoredManifest.of(given.get());
    }
    List<Digest> fresh =
        layers.stream().flatMap(l -> l.blob().stream()).map(StagedLayer.Blob::digest).toList();
    BlobStore blobs = new BlobStore(layout);
    return ImageRecords.made(
        config,
        layers.stream().map(StagedLayer::layer).toList(),
        blob -> fresh.contains(blob) || blobs.has(blob));
  }

  /** The root is what the topmost layer that describes it says. */
  private void stageRoot(List<StagedLayer> layers) throws IOException {
    for (int i = layers.size() - 1; i >= 0; i--) {
      StoredLayer layer = layers.get(i).layer();
      if (layer.rootDescribed()) {
        if (i < layers.size() - 1) {
          RootDirectory.copyAttributes(layer.tree(), staging.directory("image/root"));
        }
        return;
      }
    }
  }

  private void publish(List<StagedLayer> layers, StoredManifest manifest) throws IOException {
    for (StagedLayer layer : layers) {
      layer.publish(staging, layout);
    }
    if (!staging.publish("image", layout.images(), id.hex())) {
      publishIntoImage(ImageRecords.MANIFESTS);
      publishIntoImage(ImageRecords.INDEXES);
      // Removed while a container stood on it, and now wanted again.
      Files.deleteIfExists(layout.image(id).resolve(ImageRecords.REMOVED));
    }
    // Without a name nobody else keeps it from a collector, and the caller is to see it.
    staging.pin(new Pin(Pin.Kind.IMAGE, id));
    NameIndex names = new NameIndex(layout);
    Digest index = source.indexes().isEmpty() ? null : source.indexes().get(0);
    for (ImageName name : source.names()) {
      names.putWithLock(
          staging, new StoreRecords.Name(name.toString(), id, manifest.digest(), index));
    }
  }

  private void publishIntoImage(String directory) throws IOException {
    Path target = layout.image(id).resolve(directory);
    Files.createDirectories(target);
    try (var files = Files.list(staging.path().resolve("image").resolve(directory))) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        staging.publish("image/" + directory + "/" + name, target, name);
      }
    }
    Durable.sync(layout.image(id));
  }
}
