package dev.lamina.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/** A list of manifests, or of further lists (image-index.md). */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Index(int schemaVersion, String mediaType, List<Descriptor> manifests) {
  /** Annotation that holds an image's tag within a layout (image-layout.md). */
  public static final String REF_NAME = "org.opencontainers.image.ref.name";

  /** Annotation in which containerd and Docker keep the full name. */
  static final String IMAGE_NAME = "io.containerd.image.name";

  public Index {
    manifests = manifests == null ? List.of() : List.copyOf(manifests);
  }
}
