package dev.lamina.store;

import dev.lamina.image.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How much a store holds. What several images share counts once.
 *
 * @param images sizes are of the layers that they have, uncompressed
 * @param layers all that are unpacked, of an image or not
 * @param blobs all that are kept; one that is a hard link shares its space with another directory
 */
public record StoreUsage(Row images, Row layers, Row blobs) {
  /**
   * One kind of thing.
   *
   * @param active in use: images under containers, layers and blobs of images
   * @param reclaimable bytes of those that are not
   */
  public record Row(int count, int active, long bytes, long reclaimable) {}

  @SuppressWarnings("try") // The lock is held, not used.
  static StoreUsage of(StoreLayout layout, ImageRecords records, ImageUsers users)
      throws IOException {
    try (StoreLock lock = StoreLock.exclusive(layout)) {
      Set<Pin> pins = Pin.all(layout.tmp());
      List<Digest> all = records.ids();
      Set<Digest> used =
          users.list().stream().map(ImageUsers.User::image).collect(Collectors.toSet());
      pins.stream()
          .filter(pin -> pin.kind() == Pin.Kind.IMAGE)
          .forEach(pin -> used.add(pin.digest()));
      List<Digest> active = new ArrayList<>(all);
      active.retainAll(used);
      References referenced = References.of(layout, records, all, pins);
      References inUse = References.of(layout, records, active, Set.of());
      List<Digest> layers = layout.layerKeys();
      List<Digest> blobs = layout.blobs();
      Tally imageTally = new Tally();
      Tally layerTally = new Tally();
      for (Digest key : layers) {
        long bytes = layout.layer(key).map(StoredLayer::bytes).orElse(0L);
        layerTally.add(bytes, referenced.layers().contains(key));
        if (referenced.layers().contains(key)) {
          imageTally.add(bytes, inUse.layers().contains(key));
        }
      }
      Tally blobTally = new Tally();
      for (Digest blob : blobs) {
        blobTally.add(Files.size(layout.blob(blob)), referenced.blobs().contains(blob));
      }
      Row images =
          new Row(all.size(), active.size(), imageTally.bytes, imageTally.bytes - imageTally.inUse);
      return new StoreUsage(images, layerTally.row(), blobTally.row());
    }
  }

  private static final class Tally {
    private int count;
    private int active;
    private long bytes;
    private long inUse;

    void add(long size, boolean used) {
      count++;
      bytes += size;
      if (used) {
        active++;
        inUse += size;
      }
    }

    Row row() {
      return new Row(count, active, bytes, bytes - inUse);
    }
  }
}
