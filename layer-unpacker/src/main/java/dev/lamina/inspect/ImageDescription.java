package dev.lamina.inspect;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageName;
import dev.lamina.store.StoredImage;
import dev.lamina.store.StoredLayer;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All that is recorded about an image, as {@code lamina inspect} prints it.
 *
 * @param id sha256 of the configuration
 * @param tags the names that the store has it under
 * @param digests those names with the digest that others know them by, of an index or manifest
 * @param created RFC 3339 time, or null
 * @param size bytes of all layers, uncompressed
 * @param config how to run it, as its configuration has it
 * @param layers bottom first
 * @param history as the configuration has it, oldest first
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImageDescription(
    Digest id,
    List<String> tags,
    List<String> digests,
    String created,
    String author,
    String architecture,
    String os,
    String variant,
    long size,
    JsonNode config,
    List<LayerDescription> layers,
    JsonNode history) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A layer of it.
   *
   * @param diffId digest of its uncompressed archive
   * @param chainId of it and all layers below
   * @param size bytes of its uncompressed archive
   * @param entries of that archive
   * @param dialect how it says that something is deleted
   * @param path its tree on this host, never to be changed
   */
  public record LayerDescription(
      Digest diffId, Digest chainId, long size, long entries, String dialect, String path) {}

  /** Reads what the store has of {@code image}. */
  public static ImageDescription of(StoredImage image) throws IOException {
    JsonNode config = JSON.readTree(Files.readAllBytes(image.configFile()));
    return new ImageDescription(
        image.id(),
        image.names().stream().map(ImageName::toString).toList(),
        digests(image),
        image.config().created(),
        config.path("author").asText(null),
        image.config().architecture(),
        image.config().os(),
        image.config().variant(),
        image.bytes(),
        config.get("config"),
        layers(image),
        config.get("history"));
  }

  private static List<String> digests(StoredImage image) {
    List<String> digests = new ArrayList<>();
    for (ImageName name : image.names()) {
      Optional.ofNullable(image.digests().get(name))
          .or(() -> image.manifests().stream().findFirst())
          .map(digest -> name.repository() + "@" + digest)
          .filter(digest -> !digests.contains(digest))
          .ifPresent(digests::add);
    }
    return digests;
  }

  private static List<LayerDescription> layers(StoredImage image) {
    List<LayerDescription> layers = new ArrayList<>();
    Digest chain = null;
    for (int i = image.layers().size() - 1; i >= 0; i--) {
      StoredLayer layer = image.layers().get(i);
      chain = chain == null ? layer.diffId() : Digest.chain(chain, layer.diffId());
      layers.add(
          new LayerDescription(
              layer.diffId(),
              chain,
              layer.bytes(),
              layer.entries(),
              layer.dialect().name(),
              layer.tree().toString()));
    }
    return layers;
  }
}
