package dev.lamina.store;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which name means which image: one small file per name, called by the name's SHA-256 and replaced
 * by rename, so that processes need no lock and a name of any length fits.
 */
final class NameIndex {
  private static final Logger LOG = LoggerFactory.getLogger(NameIndex.class);

  private final StoreLayout layout;

  NameIndex(StoreLayout layout) {
    this.layout = layout;
  }

  /**
   * What a name means.
   *
   * @param manifest which of the image's manifests; empty in stores of format 1
   * @param digest what others know it by under this name: of an index or of the manifest
   */
  record Meaning(Digest image, Optional<Digest> manifest, Optional<Digest> digest) {}

  /** Lets a name mean another image from now on; for one who holds the store's lock. */
  void putWithLock(Staging staging, StoreRecords.Name record) throws IOException {
    String file = fileName(record.name());
    Path staged = staging.path().resolve(file);
    StoreRecords.write(staged, record);
    Durable.sync(staged);
    staging.replace(file, layout.names(), file);
  }

  /** Forgets names, all of them durably when this returns. */
  void removeWithLock(Collection<ImageName> gone) throws IOException {
    for (ImageName name : gone) {
      Durable.remove(layout.names().resolve(fileName(name.toString())));
    }
    Durable.sync(layout.names());
  }

  /** The record of one name. */
  Optional<StoreRecords.Name> record(ImageName name) throws IOException {
    try {
      Path file = layout.names().resolve(fileName(name.toString()));
      return Optional.of(StoreRecords.read(file, StoreRecords.Name.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static String fileName(String name) {
    return Digest.sha256(name.getBytes(StandardCharsets.UTF_8)).hex();
  }

  /** All names with their images, in order. */
  Map<ImageName, Meaning> all() throws IOException {
    Map<ImageName, Meaning> all = new TreeMap<>();
    try (Stream<Path> files = Files.list(layout.names())) {
      for (Path file : files.toList()) {
        try {
          StoreRecords.Name record = StoreRecords.read(file, StoreRecords.Name.class);
          all.put(
              ImageName.parse(record.name()),
              new Meaning(
                  record.image(),
                  Optional.ofNullable(record.manifest()),
                  Optional.ofNullable(record.digest())));
        } catch (NoSuchFileException e) {
          LOG.debug("{} was taken away since the directory was read", file);
        }
      }
    }
    return all;
  }

  /**
   * The name that {@code wanted} stands for: itself, or the one name that ends with it after a
   * slash.
   *
   * @throws ImageException NOT_FOUND where several names end so, and mean different images
   */
  static Optional<ImageName> find(Map<ImageName, Meaning> all, ImageName wanted)
      throws ImageException {
    if (all.containsKey(wanted)) {
      return Optional.of(wanted);
    }
    String suffix = "/" + wanted;
    List<ImageName> matching =
        all.keySet().stream().filter(name -> name.toString().endsWith(suffix)).toList();
    if (matching.stream().map(name -> all.get(name).image()).distinct().count() > 1) {
      throw new ImageException(
          ImageException.Kind.NOT_FOUND,
          matching.size() + " images are named ..." + suffix + "; give the full name");
    }
    return matching.stream().findFirst();
  }
}
