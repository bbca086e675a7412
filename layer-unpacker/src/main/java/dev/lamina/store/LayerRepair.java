package dev.lamina.store;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import dev.lamina.image.LayerBlob;
import dev.lamina.layer.LayerUnpacker;
import dev.lamina.layer.LowerLayers.Lower;
import dev.lamina.layer.UnpackLimits;
import dev.lamina.linux.At;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Unpacks a damaged layer again from its blob and puts the new tree in the old one's place by one
 * exchange, after everything is verified and on stable storage.
 */
final class LayerRepair {
  private final StoreLayout layout;
  private final ImageRecords records;
  private final UnpackLimits limits;
  private final ImageUsers users;

  LayerRepair(StoreLayout layout, ImageRecords records, UnpackLimits limits, ImageUsers users) {
    this.layout = layout;
    this.records = records;
    this.limits = limits;
    this.users = users;
  }

  /** Repairs {@code layer}, or says why not. */
  Finding run(StoredLayer layer, String problem, Staging staging) throws IOException {
    try {
      Optional<Descriptor> blob = intactBlob(layer);
      if (blob.isEmpty()) {
        return open(layer, problem, "its blob was not kept: remove its images, unpack them again");
      }
      Path fresh = unpack(layer, blob.get(), staging);
      return exchange(layer, fresh, problem, blob.get(), staging);
    } catch (ImageException e) {
      if (e.kind() == ImageException.Kind.INTERRUPTED) {
        throw e;
      }
      return open(layer, problem, "unpacking it again failed: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageException(ImageException.Kind.INTERRUPTED, "interrupted", e);
    }
  }

  private static Finding open(StoredLayer layer, String problem, String remedy) {
    return Finding.open(Garbage.Kind.LAYER, layer.key(), problem, remedy);
  }

  /** The blob it was unpacked from, or another that a manifest names for it. */
  private Optional<Descriptor> intactBlob(StoredLayer layer) throws IOException {
    List<Descriptor> candidates = new ArrayList<>(layer.blob().stream().toList());
    for (Digest image : imagesWith(layer)) {
      int index = diffIds(image).indexOf(layer.diffId());
      for (Digest manifest : records.manifests(image)) {
        candidates.add(records.manifest(image, manifest).document().layers().get(index));
      }
    }
    for (Descriptor candidate : candidates) {
      Path file = layout.blob(candidate.digest());
      if (Files.exists(file) && StoreVerifier.isIntact(file, candidate.digest())) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  private List<Digest> diffIds(Digest image) throws IOException {
    Path config = layout.image(image).resolve(ImageRecords.CONFIG);
    return ImageConfig.parse(Files.readAllBytes(config), config.toString()).diffIds();
  }

  private List<Digest> imagesWith(StoredLayer layer) throws IOException {
    List<Digest> images = new ArrayList<>();
    for (Digest id : records.ids()) {
      if (records.record(id).map(r -> r.layers().contains(layer.key())).orElse(false)) {
        images.add(id);
      }
    }
    return images;
  }

  private Path unpack(StoredLayer layer, Descriptor blob, Staging staging)
      throws IOException, InterruptedException {
    Path fresh = staging.directory("fresh");
    int fd = At.openDirectory(At.FDCWD, Name.of(fresh.toString()));
    try {
      new LayerUnpacker(layer.dialect(), limits)
          .unpack(
              new LayerBlob(
                  blob.digest().toString(),
                  blob.mediaType(),
                  Optional.of(blob.digest()),
                  Files.size(layout.blob(blob.digest())),
                  layer.diffId()),
              Files.newInputStream(layout.blob(blob.digest())),
              fd,
              Optional.empty(),
              () -> parents(layer),
              bytes -> {});
    } finally {
      Fd.close(fd);
    }
    return fresh;
  }

  /** The layers below it in an image that has it; all such images have the same ones. */
  private List<Lower> parents(StoredLayer layer) throws ImageException {
    try {
      List<Lower> parents = new ArrayList<>();
      for (Digest key : records.record(imagesWith(layer).get(0)).orElseThrow().layers()) {
        if (key.equals(layer.key())) {
          break;
        }
        StoredLayer below = layout.layer(key).orElseThrow();
        parents.add(0, new Lower(below.tree(), below.dialect()));
      }
      return parents;
    } catch (IOException e) {
      throw ImageException.host("finding the layers below " + layer.key(), e);
    }
  }

  @SuppressWarnings("try") // The lock is held, not used.
  private Finding exchange(
      StoredLayer layer, Path fresh, String problem, Descriptor blob, Staging staging)
      throws IOException {
    Path place = layout.layers().resolve(layer.key().hex());
    StoreRecords.Layer record =
        StoreRecords.read(place.resolve("layer.json"), StoreRecords.Layer.class);
    StoreRecords.write(fresh.resolve("layer.json"), record);
    StoredLayer made = StoreLayout.stored(layer.key(), fresh, record);
    if (!StoreVerifier.isIntact(made)) {
      return open(layer, problem, "unpacked by this user it would not be as it was");
    }
    staging.sync();
    try (StoreLock lock = StoreLock.exclusive(layout)) {
      Optional<String> user = openIn(layer);
      if (user.isPresent()) {
        return open(layer, problem, "in use by " + user.get() + "; end that, then repair");
      }
      At.rename(
          At.FDCWD,
          Name.of(fresh.toString()),
          At.FDCWD,
          Name.of(place.toString()),
          At.RENAME_EXCHANGE);
      Durable.sync(layout.layers());
    }
    return Finding.repaired(
        Garbage.Kind.LAYER, layer.key(), problem, "unpacked again from " + blob.digest());
  }

  /** Who has files of the layer open now: taking them away would be worse than the damage. */
  private Optional<String> openIn(StoredLayer layer) throws IOException {
    List<Digest> images = imagesWith(layer);
    for (ImageUsers.User user : users.list()) {
      if (user.mounted() && images.contains(user.image())) {
        return Optional.of(user.name());
      }
    }
    Set<Pin> pins = Pin.all(layout.tmp());
    return images.stream().anyMatch(id -> pins.contains(new Pin(Pin.Kind.IMAGE, id)))
        ? Optional.of("a running process")
        : Optional.empty();
  }
}
