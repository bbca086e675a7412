package dev.lamina.image;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The way from a descriptor to an image, wherever its files are: through indexes to the manifest
 * for a platform, to the configuration, to the layers. Every document is compared with its
 * descriptor before it is believed.
 */
public final class OciImage {
  private static final int INDEX_DEPTH_LIMIT = 4;

  private final ImageFiles files;
  private final OciSelection selection;

  OciImage(ImageFiles files, OciSelection selection) {
    this.files = files;
    this.selection = selection;
  }

  /**
   * Opens the image that {@code top} describes.
   *
   * @param files the image owns them if this succeeds
   * @param name what a person calls the image
   * @param names to keep it under
   */
  public static ImageSource open(
      ImageFiles files, Descriptor top, Platform platform, String name, List<ImageName> names)
      throws IOException {
    OciSelection selection = new OciSelection(files.name(), Optional.empty(), platform);
    return new OciImage(files, selection).open(top, name, chosen -> names);
  }

  ImageSource open(Descriptor top, String name, Function<Descriptor, List<ImageName>> names)
      throws IOException {
    Descriptor chosen = top;
    byte[] bytes = readBlob(chosen);
    List<Digest> indexes = new ArrayList<>();
    for (int depth = 0; isIndex(chosen, bytes); depth++) {
      if (depth == INDEX_DEPTH_LIMIT) {
        throw new ImageException(
            ImageException.Kind.LIMIT,
            files.name() + ": indexes are nested more than " + INDEX_DEPTH_LIMIT + " deep");
      }
      indexes.add(chosen.digest());
      Index inner = Json.read(bytes, Index.class, describe(chosen.digest()));
      chosen = inherit(chosen, selection.forPlatform(inner.manifests()));
      bytes = readBlob(chosen);
    }
    return source(chosen, bytes, name, names.apply(chosen), List.copyOf(indexes));
  }

  private ImageSource source(
      Descriptor chosen,
      byte[] manifestBytes,
      String name,
      List<ImageName> names,
      List<Digest> indexes)
      throws IOException {
    String what = describe(chosen.digest());
    Manifest manifest = Manifest.parse(manifestBytes, what);
    if (manifest.config() == null || manifest.config().digest() == null) {
      throw new ImageException(
          ImageException.Kind.UNSUPPORTED, what + " is no image manifest: it has no config");
    }
    byte[] configBytes = readBlob(manifest.config());
    ImageConfig config = ImageConfig.parse(configBytes, describe(manifest.config().digest()));
    List<Digest> diffIds = config.diffIds();
    if (diffIds.size() != manifest.layers().size()) {
      throw new ImageException(
          ImageException.Kind.MISMATCH,
          String.format(
              "%s names %d layers, its configuration %d",
              what, manifest.layers().size(), diffIds.size()));
    }
    List<LayerBlob> layers = new ArrayList<>();
    for (int i = 0; i < diffIds.size(); i++) {
      layers.add(layer(manifest.layers().get(i), diffIds.get(i)));
    }
    return new FileImageSource(
        name,
        files,
        names,
        Optional.of(manifestBytes),
        configBytes,
        config,
        List.copyOf(layers),
        indexes);
  }

  private LayerBlob layer(Descriptor descriptor, Digest diffId) throws IOException {
    if (descriptor.digest() == null) {
      throw new ImageException(
          ImageException.Kind.MALFORMED, files.name() + ": a layer without a digest");
    }
    long size = files.size(descriptor);
    if (size < 0) {
      throw new ImageException(
          ImageException.Kind.NOT_FOUND, describe(descriptor.digest()) + " is missing");
    }
    checkSize(descriptor, size);
    return new LayerBlob(
        ImageFiles.blobPath(descriptor.digest()),
        descriptor.mediaType(),
        Optional.of(descriptor.digest()),
        size,
        diffId);
  }

  /** Size first, then digest, then the embedded copy if there is one. */
  private byte[] readBlob(Descriptor descriptor) throws IOException {
    if (descriptor.digest() == null) {
      throw new ImageException(
          ImageException.Kind.MALFORMED, files.name() + ": a descriptor without a digest");
    }
    long size = files.size(descriptor);
    if (size >= 0) {
      checkSize(descriptor, size);
    }
    byte[] content = files.document(descriptor);
    try (VerifyingInputStream verifying =
        new VerifyingInputStream(
            new ByteArrayInputStream(content),
            describe(descriptor.digest()),
            descriptor.size() == OciSelection.UNKNOWN_SIZE ? content.length : descriptor.size(),
            Optional.of(descriptor.digest()))) {
      verifying.verify();
    }
    if (descriptor.data() != null && !sameData(descriptor.data(), content)) {
      throw new ImageException(
          ImageException.Kind.MISMATCH,
          describe(descriptor.digest()) + " differs from the data embedded in its descriptor");
    }
    return content;
  }

  private static boolean sameData(String base64, byte[] content) {
    try {
      return Arrays.equals(Base64.getDecoder().decode(base64), content);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void checkSize(Descriptor descriptor, long size) throws ImageException {
    if (descriptor.size() != size && descriptor.size() != OciSelection.UNKNOWN_SIZE) {
      throw new ImageException(
          ImageException.Kind.MISMATCH,
          String.format(
              "%s has %d bytes where its descriptor says %d",
              describe(descriptor.digest()), size, descriptor.size()));
    }
  }

  private boolean isIndex(Descriptor descriptor, byte[] document) throws ImageException {
    String what = descriptor.digest().toString();
    if (MediaTypes.isIndex(descriptor.mediaType())) {
      checkKind(document, what, true);
      return true;
    }
    // An image asked for by digest comes without a media type.
    if (descriptor.mediaType().isEmpty()
        && Json.readTree(document, describe(descriptor.digest())).has("manifests")) {
      checkKind(document, what, true);
      return true;
    }
    checkKind(document, what, false);
    return false;
  }

  /** A document that can be read both as manifest and as index is refused (CVE-2021-41190). */
  void checkKind(byte[] document, String what, boolean index) throws ImageException {
    JsonNode tree = Json.readTree(document, files.name() + ": " + what);
    boolean hasManifests = tree.has("manifests");
    boolean hasLayers = tree.has("layers") || tree.has("config");
    if (index ? hasLayers : hasManifests) {
      throw new ImageException(
          ImageException.Kind.REFUSED,
          files.name() + ": " + what + " is a manifest and an index at once (CVE-2021-41190)");
    }
    if (index && !hasManifests) {
      throw new ImageException(
          ImageException.Kind.MALFORMED, files.name() + ": " + what + " lists no manifests");
    }
    String mediaType = tree.path("mediaType").asText("");
    if (!mediaType.isEmpty() && MediaTypes.isIndex(mediaType) != index) {
      throw new ImageException(
          ImageException.Kind.REFUSED,
          files.name() + ": " + what + " calls itself " + Json.printable(mediaType));
    }
  }

  private String describe(Digest digest) {
    return files.name() + ": blob " + digest;
  }

  /** An image inside an index goes by the index's name. */
  private static Descriptor inherit(Descriptor index, Descriptor chosen) {
    return chosen.annotated(index.annotations());
  }
}
