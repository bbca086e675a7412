package dev.lamina.store;

import dev.lamina.image.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Takes out of the store what nothing refers to. Under the exclusive lock things are only moved
 * into a staging directory, each by one rename, in the reverse of the order in which they are
 * published: images, then layers, then blobs. So whatever instant a process or the machine dies at,
 * nothing refers to what is not there; what was not moved yet is garbage still, and the staging
 * directory is deleted by whoever opens the store next. The slow part, deleting, needs no lock.
 */
final class GarbageCollector {
  private final StoreLayout layout;
  private final ImageRecords records;
  private final NameIndex names;

  GarbageCollector(StoreLayout layout, ImageRecords records, NameIndex names) {
    this.layout = layout;
    this.records = records;
    this.names = names;
  }

  /** See {@link ImageStore#collectGarbage}. */
  @SuppressWarnings("try") // The lock is held, not used.
  Garbage run(boolean unnamed, boolean dryRun, ImageUsers users) throws IOException {
    try (Staging trash = Staging.create(layout.tmp())) {
      try (StoreLock lock = StoreLock.exclusive(layout)) {
        Set<Pin> pins = Pin.all(layout.tmp());
        Set<Digest> condemned = condemned(unnamed, users, pins);
        return sweepWithLock(condemned, pins, dryRun ? Optional.empty() : Optional.of(trash));
      }
    }
  }

  private Set<Digest> condemned(boolean unnamed, ImageUsers users, Set<Pin> pins)
      throws IOException {
    Set<Digest> named =
        names.all().values().stream().map(NameIndex.Meaning::image).collect(Collectors.toSet());
    Set<Digest> used =
        users.list().stream().map(ImageUsers.User::image).collect(Collectors.toSet());
    Set<Digest> condemned = new HashSet<>();
    for (Digest id : records.ids()) {
      boolean unwanted = records.isRemoved(id) || (unnamed && !named.contains(id));
      if (unwanted && !used.contains(id) && !pins.contains(new Pin(Pin.Kind.IMAGE, id))) {
        condemned.add(id);
      }
    }
    return condemned;
  }

  /**
   * Takes away {@code condemned} images, and all layers and blobs that only they referred to, or
   * nothing did.
   *
   * @param trash empty to find out only
   */
  Garbage sweepWithLock(Set<Digest> condemned, Set<Pin> pins, Optional<Staging> trash)
      throws IOException {
    List<Digest> kept = new ArrayList<>(records.ids());
    kept.removeAll(condemned);
    References live = References.of(layout, records, kept, pins);
    List<Garbage.Item> items = new ArrayList<>();
    Map<Path, List<Path>> moves = new LinkedHashMap<>();
    for (Digest id : condemned) {
      items.add(new Garbage.Item(Garbage.Kind.IMAGE, id, 0));
      moves.computeIfAbsent(layout.images(), d -> new ArrayList<>()).add(layout.image(id));
    }
    for (Digest key : layout.layerKeys()) {
      if (!live.layers().contains(key)) {
        long bytes = layout.layer(key).map(StoredLayer::bytes).orElse(0L);
        items.add(new Garbage.Item(Garbage.Kind.LAYER, key, bytes));
        moves
            .computeIfAbsent(layout.layers(), d -> new ArrayList<>())
            .add(layout.layers().resolve(key.hex()));
      }
    }
    for (Digest blob : layout.blobs()) {
      if (!live.blobs().contains(blob)) {
        Path file = layout.blob(blob);
        items.add(new Garbage.Item(Garbage.Kind.BLOB, blob, Files.size(file)));
        moves.computeIfAbsent(file.getParent(), d -> new ArrayList<>()).add(file);
      }
    }
    if (trash.isPresent()) {
      for (Map.Entry<Path, List<Path>> directory : moves.entrySet()) {
        move(directory.getKey(), directory.getValue(), trash.get());
      }
    }
    return new Garbage(List.copyOf(items));
  }

  private static void move(Path directory, Collection<Path> children, Staging trash)
      throws IOException {
    String kind = directory.getParent().getFileName() + "-" + directory.getFileName();
    Path target = trash.directory(kind);
    for (Path child : children) {
      Durable.move(child, target.resolve(child.getFileName()));
    }
    // Before anything that these refer to goes.
    Durable.sync(directory);
  }
}
