package dev.lamina.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/**
 * An image's configuration (OCI config.md), the part that is used here. The image id is the digest
 * of the document's own bytes, never of this record.
 *
 * @param created RFC 3339 time, or null
 * @param config how to run the image: a JSON object kept as it is, or null
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ImageConfig(
    String created,
    String architecture,
    String os,
    String variant,
    Map<String, Object> config,
    RootFs rootfs,
    List<History> history) {
  public ImageConfig {
    history = history == null ? List.of() : List.copyOf(history);
  }

  /** The layers by the digests of their uncompressed streams, bottom first. */
  public List<Digest> diffIds() {
    return rootfs == null ? List.of() : rootfs.diffIds();
  }

  /** The layers of the root filesystem. */
  public record RootFs(String type, @JsonProperty("diff_ids") List<Digest> diffIds) {
    public RootFs {
      diffIds = diffIds == null ? List.of() : List.copyOf(diffIds);
    }
  }

  /** How one layer, or with {@code emptyLayer} none, came about. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record History(
      String created,
      @JsonProperty("created_by") String createdBy,
      String author,
      String comment,
      @JsonProperty("empty_layer") @JsonInclude(JsonInclude.Include.NON_DEFAULT)
          boolean emptyLayer) {}

  /**
   * The history entry of each layer, bottom first: entries marked empty made none. Empty where the
   * history does not match the layers, which happens in the wild and harms nothing.
   */
  public List<History> layerHistory() {
    List<History> ofLayers = history.stream().filter(h -> !h.emptyLayer()).toList();
    return ofLayers.size() == diffIds().size() ? ofLayers : List.of();
  }

  /** Reads a configuration; {@code what} names it in messages. */
  public static ImageConfig parse(byte[] document, String what) throws ImageException {
    return Json.read(document, ImageConfig.class, what);
  }
}
