package dev.lamina.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;

/**
 * What a manifest says of one blob (OCI descriptor.md).
 *
 * @param size bytes
 * @param data the content itself in base64, where it is embedded; must then equal it. Null if not
 * @param platform null except in an index
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Descriptor(
    String mediaType,
    Digest digest,
    @JsonInclude(JsonInclude.Include.ALWAYS) long size,
    Map<String, String> annotations,
    String data,
    Platform platform) {
  public Descriptor {
    annotations = annotations == null ? Map.of() : Map.copyOf(annotations);
    mediaType = mediaType == null ? "" : mediaType;
    if (size < 0) {
      throw new IllegalArgumentException("size " + size);
    }
  }

  /** Without annotations and platform. */
  public static Descriptor of(String mediaType, Digest digest, long size) {
    return new Descriptor(mediaType, digest, size, null, null, null);
  }

  /** The same blob with annotations. */
  Descriptor annotated(Map<String, String> newAnnotations) {
    return new Descriptor(mediaType, digest, size, newAnnotations, data, platform);
  }
}
