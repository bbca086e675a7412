package dev.lamina.store;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An image that is ready to be mounted.
 *
 * @param id sha256 of the configuration's bytes
 * @param names in alphabetical order; may be empty
 * @param layers topmost first
 * @param root an empty directory with the attributes of the image's root, where the topmost layer
 *     does not have them; goes on top of the layers
 * @param configFile the configuration, byte for byte
 */
public record StoredImage(
    Digest id,
    List<ImageName> names,
    ImageConfig config,
    List<StoredLayer> layers,
    Optional<Path> root,
    Path configFile) {
  /** The directories to stack for this image, topmost first. */
  public List<Path> lowers() {
    List<Path> lowers = new ArrayList<>();
    root.ifPresent(lowers::add);
    layers.forEach(layer -> lowers.add(layer.tree()));
    return List.copyOf(lowers);
  }

  /** Bytes of all layers, uncompressed. */
  public long bytes() {
    return layers.stream().mapToLong(StoredLayer::bytes).sum();
  }
}
