package dev.lamina.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageName;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the directories of images (docs/on-disk.md). */
final class ImageRecords {
  static final String RECORD = "image.json";
  static final String CONFIG = "config.json";
  static final String MANIFESTS = "manifests";
  static final String INDEXES = "indexes";

  /** Marks an image that was removed while something stood on it. */
  static final String REMOVED = "removed";

  /** Where stores of format 1 have the manifest. */
  private static final String OLD_MANIFEST = "manifest.json";

  private static final Logger LOG = LoggerFactory.getLogger(ImageRecords.class);

  private final StoreLayout layout;

  ImageRecords(StoreLayout layout) {
    this.layout = layout;
  }

  /** Ids of all images, removed ones with them. */
  List<Digest> ids() throws IOException {
    return StoreLayout.digests(layout.images(), StoreLayout.SHA256);
  }

  boolean isRemoved(Digest id) {
    return Files.exists(layout.image(id).resolve(REMOVED));
  }

  /** Keys of an image's layers, bottom first; empty where there is no such image. */
  Optional<StoreRecords.Image> record(Digest id) throws IOException {
    try {
      Path file = layout.image(id).resolve(RECORD);
      return Optional.of(StoreRecords.read(file, StoreRecords.Image.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Digests of the manifests that the image came with. */
  List<Digest> manifests(Digest id) throws IOException {
    List<Digest> known =
        new ArrayList<>(
            StoreLayout.digests(layout.image(id).resolve(MANIFESTS), StoreLayout.SHA256));
    Path old = layout.image(id).resolve(OLD_MANIFEST);
    if (Files.exists(old)) {
      Digest digest = Digest.sha256(Files.readAllBytes(old));
      if (!known.contains(digest)) {
        known.add(digest);
      }
    }
    return known;
  }

  /** Digests of indexes, and which manifest of the image each led to. */
  Map<Digest, Digest> indexes(Digest id) throws IOException {
    Path directory = layout.image(id).resolve(INDEXES);
    Map<Digest, Digest> indexes = new HashMap<>();
    for (Digest index : StoreLayout.digests(directory, StoreLayout.SHA256)) {
      String manifest = Files.readString(directory.resolve(index.hex()), StandardCharsets.UTF_8);
      indexes.put(index, Digest.parse(manifest));
    }
    return indexes;
  }

  /**
   * One of the image's manifests by its digest.
   *
   * @throws NoSuchFileException where it is none of them
   */
  StoredManifest manifest(Digest id, Digest digest) throws IOException {
    Path file = layout.image(id).resolve(MANIFESTS).resolve(digest.hex());
    if (!Files.exists(file)) {
      StoredManifest old =
          StoredManifest.of(Files.readAllBytes(layout.image(id).resolve(OLD_MANIFEST)));
      if (old.digest().equals(digest)) {
        return old;
      }
    }
    return StoredManifest.of(Files.readAllBytes(file));
  }

  /**
   * A manifest for an image that came without: of the kept blobs, else of plain streams.
   *
   * @param isKept whether a blob is there, or will be with this image
   */
  static StoredManifest made(byte[] config, List<StoredLayer> bottomFirst, Predicate<Digest> isKept)
      throws IOException {
    List<Descriptor> layers = new ArrayList<>();
    for (StoredLayer layer : bottomFirst) {
      layers.add(
          layer
              .blob()
              .filter(blob -> isKept.test(blob.digest()))
              .orElseGet(() -> Descriptor.of(MediaTypes.OCI_LAYER, layer.diffId(), layer.bytes())));
    }
    Descriptor described =
        Descriptor.of(MediaTypes.OCI_CONFIG, Digest.sha256(config), config.length);
    return StoredManifest.of(Manifest.oci(described, layers).toBytes());
  }

  /**
   * An image with the names that it has among {@code names}.
   *
   * @param manifest the one it is asked for by, else the one of its first name
   * @return empty where the store does not have it, or not all of its layers
   */
  Optional<StoredImage> read(
      Digest id, Map<ImageName, NameIndex.Meaning> names, Optional<Digest> manifest)
      throws IOException {
    Optional<StoreRecords.Image> record = record(id);
    if (record.isEmpty()) {
      return Optional.empty();
    }
    List<StoredLayer> layers = new ArrayList<>();
    for (Digest key : record.get().layers()) {
      Optional<StoredLayer> layer = layout.layer(key);
      if (layer.isEmpty()) {
        LOG.warn("image {} lacks layer {}; unpack it again", id, key);
        return Optional.empty();
      }
      layers.add(0, layer.get());
    }
    Map<ImageName, NameIndex.Meaning> own = new TreeMap<>(names);
    own.values().removeIf(meaning -> !meaning.image().equals(id));
    Map<ImageName, Digest> digests = new TreeMap<>();
    own.forEach((name, meaning) -> meaning.digest().ifPresent(d -> digests.put(name, d)));
    Path config = layout.image(id).resolve(CONFIG);
    Path root = layout.image(id).resolve("root");
    return Optional.of(
        new StoredImage(
            id,
            List.copyOf(own.keySet()),
            ImageConfig.parse(Files.readAllBytes(config), config.toString()),
            List.copyOf(layers),
            Files.exists(root) ? Optional.of(root) : Optional.empty(),
            record.get().ownersRecorded(),
            config,
            ordered(manifests(id), manifest.or(() -> firstNamed(own))),
            Map.copyOf(digests)));
  }

  private static Optional<Digest> firstNamed(Map<ImageName, NameIndex.Meaning> names) {
    return names.values().stream()
        .map(NameIndex.Meaning::manifest)
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static List<Digest> ordered(List<Digest> manifests, Optional<Digest> first) {
    List<Digest> ordered = new ArrayList<>(manifests);
    if (first.isPresent() && ordered.remove(first.get())) {
      ordered.add(0, first.get());
    }
    return List.copyOf(ordered);
  }
}
