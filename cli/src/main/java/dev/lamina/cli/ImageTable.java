package dev.lamina.cli;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageName;
import dev.lamina.store.StoredImage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;

/** Images as rows, one for each name, as docker and podman list them; and as JSON. */
final class ImageTable {
  private static final int SHORT_ID = 12;
  private static final String NONE = "<none>";

  private final boolean whole;
  private final boolean withDigests;
  private final BiPredicate<StoredImage, ImageName> shown;

  /**
   * What to show.
   *
   * @param whole ids with all their digits
   * @param shown which names of an image
   */
  ImageTable(boolean whole, boolean withDigests, BiPredicate<StoredImage, ImageName> shown) {
    this.shown = shown;
    this.whole = whole;
    this.withDigests = withDigests;
  }

  String id(StoredImage image) {
    return whole ? image.id().toString() : image.id().hex().substring(0, SHORT_ID);
  }

  String format(List<StoredImage> images) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(row("REPOSITORY", "TAG", "DIGEST", "IMAGE ID", "CREATED", "SIZE"));
    for (StoredImage image : images) {
      String created = ImagesCommand.age(image.config().created(), Instant.now());
      String size = ImagesCommand.size(image.bytes());
      if (image.names().isEmpty()) {
        String digest = image.manifests().stream().findFirst().map(Digest::toString).orElse(NONE);
        rows.add(row(NONE, NONE, digest, id(image), created, size));
      }
      for (ImageName name : image.names()) {
        if (!shown.test(image, name)) {
          continue;
        }
        String digest = digest(image, name).map(Digest::toString).orElse(NONE);
        rows.add(row(name.repository(), name.tag(), digest, id(image), created, size));
      }
    }
    return TextTable.format(rows);
  }

  private List<String> row(String... cells) {
    List<String> row = new ArrayList<>(Arrays.asList(cells));
    if (!withDigests) {
      row.remove(2);
    }
    return row;
  }

  private static Optional<Digest> digest(StoredImage image, ImageName name) {
    return Optional.ofNullable(image.digests().get(name))
        .or(() -> image.manifests().stream().findFirst());
  }

  static Map<String, Object> json(StoredImage image) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", image.id().toString());
    json.put("names", image.names().stream().map(ImageName::toString).toList());
    json.put(
        "digests",
        image.names().stream()
            .flatMap(name -> digest(image, name).map(d -> name.repository() + "@" + d).stream())
            .distinct()
            .toList());
    json.put("manifests", image.manifests().stream().map(Digest::toString).toList());
    json.put("created", image.config().created());
    json.put("size", image.bytes());
    json.put("layers", image.layers().stream().map(layer -> layer.diffId().toString()).toList());
    return json;
  }
}
