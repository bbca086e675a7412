package dev.lamina.inspect;

import dev.lamina.image.ImageConfig.History;
import dev.lamina.store.StoredImage;
import dev.lamina.store.StoredLayer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * One step of how an image came about.
 *
 * @param entry what the image says of it; empty for a layer that its history does not mention
 * @param layer the layer that it made; empty where it changed no file
 * @param number of the layer from 1, the bottommost; 0 where there is none
 */
public record HistoryRow(Optional<History> entry, Optional<StoredLayer> layer, int number) {
  /**
   * The history of {@code image}, the latest step first: a row per entry, and one for each layer
   * beyond them. Entries and layers are paired from the bottom; an image that tells of more layers
   * than it has gives rows without one.
   */
  public static List<HistoryRow> of(StoredImage image) {
    List<StoredLayer> topmostFirst = image.layers();
    int count = topmostFirst.size();
    int next = 0;
    List<HistoryRow> rows = new ArrayList<>();
    for (History entry : image.config().history()) {
      boolean has = !entry.emptyLayer() && next < count;
      Optional<StoredLayer> layer =
          has ? Optional.of(topmostFirst.get(count - 1 - next)) : Optional.empty();
      next += has ? 1 : 0;
      rows.add(new HistoryRow(Optional.of(entry), layer, has ? next : 0));
    }
    while (next < count) {
      StoredLayer layer = topmostFirst.get(count - 1 - next);
      rows.add(new HistoryRow(Optional.empty(), Optional.of(layer), ++next));
    }
    Collections.reverse(rows);
    return rows;
  }

  /** Bytes of the layer's uncompressed archive; 0 where there is none. */
  public long bytes() {
    return layer.map(StoredLayer::bytes).orElse(0L);
  }

  /** RFC 3339 time, or null. */
  public String created() {
    return entry.map(History::created).orElse(null);
  }

  /** The command that made it; empty where it is not known. */
  public String createdBy() {
    return entry.map(History::createdBy).orElse("");
  }

  /** What whoever made the step said of it; empty where nothing. */
  public String comment() {
    return entry.map(History::comment).orElse("");
  }
}
