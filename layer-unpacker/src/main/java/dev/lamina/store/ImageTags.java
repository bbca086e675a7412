package dev.lamina.store;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Gives names to images, takes them away, and removes images that have none left. */
final class ImageTags {
  private final StoreLayout layout;
  private final ImageRecords records;
  private final NameIndex names;
  private final ImageFinder finder;

  ImageTags(StoreLayout layout, ImageRecords records, NameIndex names, ImageFinder finder) {
    this.layout = layout;
    this.records = records;
    this.names = names;
    this.finder = finder;
  }

  /** See {@link ImageStore#tag}. */
  @SuppressWarnings("try") // The lock is held, not used.
  StoredImage tag(String text, ImageName name) throws IOException {
    try (Staging staging = Staging.create(layout.tmp());
        StoreLock lock = StoreLock.shared(layout)) {
      StoredImage image = require(text).image();
      Digest manifest = image.manifests().isEmpty() ? null : image.manifests().get(0);
      Digest index =
          records.indexes(image.id()).entrySet().stream()
              .filter(entry -> entry.getValue().equals(manifest))
              .map(java.util.Map.Entry::getKey)
              .findFirst()
              .orElse(null);
      names.putWithLock(
          staging, new StoreRecords.Name(name.toString(), image.id(), manifest, index));
      return image;
    }
  }

  /** See {@link ImageStore#untag}. */
  @SuppressWarnings("try") // The lock is held, not used.
  List<ImageName> untag(String text, List<ImageName> given) throws IOException {
    try (StoreLock lock = StoreLock.exclusive(layout)) {
      ImageFinder.Found found = require(text);
      List<ImageName> own = found.image().names();
      List<ImageName> gone = new ArrayList<>();
      for (ImageName name : given) {
        Optional<ImageName> full = NameIndex.find(names.all(), name);
        if (full.isEmpty() || !own.contains(full.get())) {
          throw new ImageException(
              ImageException.Kind.NOT_FOUND, "image " + text + " is not named " + name);
        }
        gone.add(full.get());
      }
      if (given.isEmpty()) {
        gone.addAll(own);
      }
      names.removeWithLock(gone);
      return gone;
    }
  }

  /** See {@link ImageStore#remove}. */
  @SuppressWarnings("try") // The lock is held, not used.
  Removal remove(String text, boolean force, ImageUsers users) throws IOException {
    try (Staging trash = Staging.create(layout.tmp())) {
      try (StoreLock lock = StoreLock.exclusive(layout)) {
        ImageFinder.Found found = require(text);
        StoredImage image = found.image();
        List<ImageName> own = image.names();
        if (found.name().isPresent() && own.size() > 1) {
          names.removeWithLock(List.of(found.name().get()));
          return new Removal(List.of(found.name().get()), Optional.empty(), List.of());
        }
        if (own.size() > 1 && !force) {
          throw new ImageException(
              ImageException.Kind.IN_USE,
              "image " + text + " has " + own.size() + " names; give one, or --force removes all");
        }
        Set<Pin> pins = Pin.all(layout.tmp());
        List<String> inUse = usedBy(image.id(), users, pins);
        if (!inUse.isEmpty() && !force) {
          throw new ImageException(
              ImageException.Kind.IN_USE,
              "image " + text + " is used by " + String.join(", ", inUse));
        }
        names.removeWithLock(own);
        return take(image, !inUse.isEmpty(), pins, trash);
      }
    }
  }

  private Removal take(StoredImage image, boolean inUse, Set<Pin> pins, Staging trash)
      throws IOException {
    List<Digest> layers = List.of();
    if (inUse) {
      // Out of the user's sight; the collector takes it when nobody stands on it any more.
      Path directory = layout.image(image.id());
      Files.write(directory.resolve(ImageRecords.REMOVED), new byte[0]);
      Durable.sync(directory);
    } else {
      GarbageCollector collector = new GarbageCollector(layout, records, names);
      Garbage garbage = collector.sweepWithLock(Set.of(image.id()), pins, Optional.of(trash));
      layers =
          garbage.items().stream()
              .filter(item -> item.kind() == Garbage.Kind.LAYER)
              .map(Garbage.Item::digest)
              .toList();
    }
    return new Removal(image.names(), Optional.of(image.id()), layers);
  }

  private static List<String> usedBy(Digest id, ImageUsers users, Set<Pin> pins)
      throws IOException {
    List<String> inUse = new ArrayList<>();
    for (ImageUsers.User user : users.list()) {
      if (user.image().equals(id)) {
        inUse.add(user.name());
      }
    }
    if (inUse.isEmpty() && pins.contains(new Pin(Pin.Kind.IMAGE, id))) {
      inUse.add("a running process (a mount, or a copy under way)");
    }
    return inUse;
  }

  private ImageFinder.Found require(String text) throws IOException {
    return finder
        .find(text)
        .orElseThrow(
            () ->
                new ImageException(
                    ImageException.Kind.NOT_FOUND, "no image \"" + text + "\" in the store"));
  }
}
