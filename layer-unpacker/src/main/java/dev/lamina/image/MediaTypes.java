package dev.lamina.image;

/** Media types of OCI media-types.md and their Docker forms. */
public final class MediaTypes {
  public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
  public static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";
  public static final String OCI_LAYER_GZIP = OCI_LAYER + "+gzip";
  public static final String DOCKER_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";

  public static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";

  private MediaTypes() {}

  /** Whether a registry keeps it among its manifests. */
  public static boolean isManifestOrIndex(String mediaType) {
    return isIndex(mediaType)
        || mediaType.equals(OCI_MANIFEST)
        || mediaType.equals(DOCKER_MANIFEST);
  }

  /** Layers that their owners let nobody else hand on: a registry need not have them. */
  public static boolean isForeign(String mediaType) {
    return mediaType.contains(".nondistributable.") || mediaType.contains(".foreign.");
  }

  /**
   * The type of a manifest's document by what it says itself. OCI documents need not say it;
   * Docker's always do.
   */
  public static String ofManifest(Manifest manifest) {
    return manifest.mediaType() == null || manifest.mediaType().isEmpty()
        ? OCI_MANIFEST
        : manifest.mediaType();
  }

  /** The OCI type of a layer that has Docker's type; any other stays. */
  public static String ociLayer(String mediaType) {
    return switch (mediaType) {
      case "application/vnd.docker.image.rootfs.diff.tar.gzip" -> OCI_LAYER_GZIP;
      case "application/vnd.docker.image.rootfs.diff.tar.zstd" -> OCI_LAYER + "+zstd";
      case "application/vnd.docker.image.rootfs.diff.tar" -> OCI_LAYER;
      default -> mediaType;
    };
  }

  /** Whether it is that of an index, OCI's or Docker's. */
  public static boolean isIndex(String mediaType) {
    return mediaType.equals(OCI_INDEX) || mediaType.equals(DOCKER_LIST);
  }
}
