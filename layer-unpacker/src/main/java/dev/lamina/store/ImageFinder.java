package dev.lamina.store;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageName;
import dev.lamina.image.ImageReference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds images by whatever a user calls them. */
final class ImageFinder {
  private final ImageRecords records;
  private final NameIndex names;

  ImageFinder(ImageRecords records, NameIndex names) {
    this.records = records;
    this.names = names;
  }

  /**
   * What a user's words lead to.
   *
   * @param name the name that was given, in full; empty where it was a digest or an id
   */
  record Found(StoredImage image, Optional<ImageName> name) {}

  /** All images, ordered by their first name, those without names last. */
  List<StoredImage> all() throws IOException {
    Map<ImageName, NameIndex.Meaning> all = names.all();
    List<StoredImage> images = new ArrayList<>();
    for (Digest id : records.ids()) {
      if (!records.isRemoved(id)) {
        records.read(id, all, Optional.empty()).ifPresent(images::add);
      }
    }
    images.sort(
        Comparator.comparing((StoredImage i) -> i.names().isEmpty())
            .thenComparing(
                i -> i.names().isEmpty() ? i.id().toString() : i.names().get(0).toString()));
    return images;
  }

  /** See {@link ImageStore#find}. */
  Optional<Found> find(String text) throws IOException {
    Map<ImageName, NameIndex.Meaning> all = names.all();
    Optional<ImageReference> reference = ImageReference.tryParse(text);
    if (reference.isPresent() && reference.get().digest().isPresent()) {
      return byDigest(reference.get().digest().get(), all);
    }
    Optional<ImageName> name =
        reference.isPresent() ? NameIndex.find(all, reference.get().name()) : Optional.empty();
    if (name.isPresent()) {
      NameIndex.Meaning meaning = all.get(name.get());
      return records
          .read(meaning.image(), all, meaning.manifest())
          .map(image -> new Found(image, name));
    }
    Optional<Digest> whole = Digest.tryParse(text.startsWith("@") ? text.substring(1) : text);
    if (whole.isPresent()) {
      return byDigest(whole.get(), all);
    }
    return byIdPrefix(text.startsWith("sha256:") ? text.substring("sha256:".length()) : text, all);
  }

  /** By the id, or by the digest of a manifest or index. */
  private Optional<Found> byDigest(Digest digest, Map<ImageName, NameIndex.Meaning> all)
      throws IOException {
    for (Digest id : records.ids()) {
      boolean itself = id.equals(digest);
      Optional<Digest> manifest = Optional.empty();
      if (!itself) {
        manifest =
            records.manifests(id).contains(digest)
                ? Optional.of(digest)
                : Optional.ofNullable(records.indexes(id).get(digest));
      }
      if (itself || manifest.isPresent()) {
        return records.read(id, all, manifest).map(image -> new Found(image, Optional.empty()));
      }
    }
    return Optional.empty();
  }

  private Optional<Found> byIdPrefix(String prefix, Map<ImageName, NameIndex.Meaning> all)
      throws IOException {
    if (!prefix.matches("[0-9a-f]{1,64}")) {
      return Optional.empty();
    }
    List<Digest> matching =
        records.ids().stream()
            .filter(id -> id.hex().startsWith(prefix) && !records.isRemoved(id))
            .toList();
    if (matching.size() > 1) {
      throw new ImageException(
          ImageException.Kind.NOT_FOUND, matching.size() + " images have ids that start " + prefix);
    }
    return matching.isEmpty()
        ? Optional.empty()
        : records
            .read(matching.get(0), all, Optional.empty())
            .map(image -> new Found(image, Optional.empty()));
  }
}
