package dev.lamina.store;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageName;
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

  /** Lets {@code name} mean {@code image} from now on. */
  void put(Staging staging, ImageName name, Digest image) throws IOException {
    String file = Digest.sha256(name.toString().getBytes(StandardCharsets.UTF_8)).hex();
    Path staged = staging.path().resolve(file);
    StoreRecords.write(staged, new StoreRecords.Name(name.toString(), image));
    staging.replace(file, layout.names(), file);
  }

  /** All names with their images, in order. */
  private Map<ImageName, Digest> all() throws IOException {
    Map<ImageName, Digest> all = new TreeMap<>();
    try (Stream<Path> files = Files.list(layout.names())) {
      for (Path file : files.toList()) {
        try {
          StoreRecords.Name record = StoreRecords.read(file, StoreRecords.Name.class);
          all.put(ImageName.parse(record.name()), record.image());
        } catch (NoSuchFileException e) {
          LOG.debug("{} was taken away since the directory was read", file);
        }
      }
    }
    return all;
  }

  Map<Digest, List<ImageName>> byImage() throws IOException {
    Map<Digest, List<ImageName>> byImage = new HashMap<>();
    all()
        .forEach((name, image) -> byImage.computeIfAbsent(image, i -> new ArrayList<>()).add(name));
    return byImage;
  }

  /** The image that {@code text} names, in full or by the last components of one name. */
  Optional<Digest> find(String text) throws IOException {
    Optional<ImageName> wanted = ImageName.tryParse(text);
    if (wanted.isEmpty()) {
      return Optional.empty();
    }
    Map<ImageName, Digest> all = all();
    Digest exact = all.get(wanted.get());
    if (exact != null) {
      return Optional.of(exact);
    }
    String suffix = "/" + wanted.get();
    List<Digest> matching =
        all.entrySet().stream()
            .filter(e -> e.getKey().toString().endsWith(suffix))
            .map(Map.Entry::getValue)
            .distinct()
            .toList();
    if (matching.size() > 1) {
      throw new ImageException(
          ImageException.Kind.NOT_FOUND,
          matching.size() + " images are named ..." + suffix + "; give the full name");
    }
    return matching.stream().findFirst();
  }
}
