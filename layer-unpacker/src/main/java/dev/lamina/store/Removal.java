package dev.lamina.store;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageName;
import java.util.List;
import java.util.Optional;

/**
 * What removing an image by one of its names did.
 *
 * @param image the id, where no name is left and the image is gone
 * @param layers keys of layers that went with it
 */
public record Removal(List<ImageName> untagged, Optional<Digest> image, List<Digest> layers) {}
