package dev.lamina.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/** One image for one platform: its configuration and its layers, bottom first (manifest.md). */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Manifest(
    int schemaVersion,
    String mediaType,
    Descriptor config,
    @JsonInclude(JsonInclude.Include.ALWAYS) List<Descriptor> layers,
    Map<String, String> annotations) {
  public Manifest {
    layers = layers == null ? List.of() : List.copyOf(layers);
    annotations = annotations == null ? Map.of() : Map.copyOf(annotations);
  }

  /** Reads a manifest; {@code what} names it in messages. Its parts are as little checked. */
  public static Manifest parse(byte[] document, String what) throws ImageException {
    return Json.read(document, Manifest.class, what);
  }

  /** An OCI manifest of these blobs, layers bottom first. */
  public static Manifest oci(Descriptor config, List<Descriptor> layers) {
    return new Manifest(2, MediaTypes.OCI_MANIFEST, config, layers, null);
  }

  /** The document: the same bytes for the same manifest. */
  public byte[] toBytes() {
    return Json.write(this);
  }
}
