package dev.lamina.store;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageName;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An image that is ready to be mounted.
 *
 * @param id sha256 of the configuration's bytes
 * @param names in alphabetical order; may be empty
 * @param layers topmost first
 * @param root an empty directory with the attributes of the image's root, where the topmost layer
 *     does not have them; goes on top of the layers
 * @param rootOwnerRecorded whether {@code root}'s owner and mode are in a record
 * @param configFile the configuration, byte for byte
 * @param manifests digests of the manifests it came with, the one it goes by first; none where it
 *     came without, into a store of format 1
 * @param digests what others know it by under a name: of an index or of a manifest
 */
public record StoredImage(
    Digest id,
    List<ImageName> names,
    ImageConfig config,
    List<StoredLayer> layers,
    Optional<Path> root,
    boolean rootOwnerRecorded,
    Path configFile,
    List<Digest> manifests,
    Map<ImageName, Digest> digests) {
  /**
   * The directories to stack for this image, topmost first. Each is there once: a layer that an
   * image has twice (old builders made many an empty one) covers its own earlier occurrence, and
   * kernel overlayfs refuses a directory that occurs twice (ELOOP).
   */
  public List<Path> lowers() {
    return Stream.concat(root.stream(), layers.stream().map(StoredLayer::tree)).distinct().toList();
  }

  /** Bytes of all layers, uncompressed. */
  public long bytes() {
    return layers.stream().mapToLong(StoredLayer::bytes).sum();
  }
}
