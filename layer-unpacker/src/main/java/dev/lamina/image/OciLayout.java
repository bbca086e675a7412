package dev.lamina.image;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Reads an image from an OCI image layout (image-layout.md), in a directory or an archive. */
final class OciLayout {
  static final String INDEX = "index.json";
  private static final int INDEX_DEPTH_LIMIT = 4;

  private final ImageFiles files;
  private final String transport;
  private final OciSelection selection;

  private OciLayout(ImageFiles files, String transport, OciSelection selection) {
    this.files = files;
    this.transport = transport;
    this.selection = selection;
  }

  /** Chooses the image that {@code reference} (a tag, a name or {@code @digest}) means. */
  static ImageSource open(
      ImageFiles files, String transport, Optional<String> reference, Platform platform)
      throws IOException {
    OciSelection selection = new OciSelection(files.name(), reference, platform);
    return new OciLayout(files, transport, selection).open();
  }

  private ImageSource open() throws IOException {
    byte[] document = files.read(INDEX);
    checkKind(document, INDEX, true);
    Index index = Json.read(document, Index.class, files.name() + ": " + INDEX);
    Descriptor chosen = selection.top(index);
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
    return source(chosen, bytes, List.copyOf(indexes));
  }

  private ImageSource source(Descriptor chosen, byte[] manifestBytes, List<Digest> indexes)
      throws IOException {
    String what = describe(chosen.digest());
    Manifest manifest = Json.read(manifestBytes, Manifest.class, what);
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
    String name =
        transport
            + ":"
            + files.name()
            + selection.reference().map(r -> separator(r) + r).orElse("");
    return new FileImageSource(
        name,
        files,
        names(chosen),
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
    String path = blobPath(descriptor.digest());
    long size = files.size(path);
    if (size < 0) {
      throw new ImageException(
          ImageException.Kind.NOT_FOUND, describe(descriptor.digest()) + " is missing");
    }
    checkSize(descriptor, size);
    return new LayerBlob(
        path, descriptor.mediaType(), Optional.of(descriptor.digest()), size, diffId);
  }

  private List<ImageName> names(Descriptor chosen) {
    Optional<ImageName> full =
        Optional.ofNullable(chosen.annotations().get(Index.IMAGE_NAME))
            .flatMap(ImageName::tryParse);
    if (full.isPresent()) {
      return List.of(full.get());
    }
    String ref = chosen.annotations().getOrDefault(Index.REF_NAME, "latest");
    if (ref.contains("/") || ref.contains(":")) {
      return ImageName.tryParse(ref).map(List::of).orElse(List.of());
    }
    Path path = Path.of(files.name()).toAbsolutePath().normalize().getFileName();
    return path == null
        ? List.of()
        : ImageName.ofFile(path.toString(), ref).map(List::of).orElse(List.of());
  }

  /** Size first, then digest, then the embedded copy if there is one. */
  private byte[] readBlob(Descriptor descriptor) throws IOException {
    if (descriptor.digest() == null) {
      throw new ImageException(
          ImageException.Kind.MALFORMED, files.name() + ": a descriptor without a digest");
    }
    String path = blobPath(descriptor.digest());
    long size = files.size(path);
    if (size >= 0) {
      checkSize(descriptor, size);
    }
    byte[] content = files.read(path);
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
  private void checkKind(byte[] document, String what, boolean index) throws ImageException {
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

  private static String blobPath(Digest digest) {
    return "blobs/" + digest.algorithm() + "/" + digest.hex();
  }

  /** An image inside an index goes by the index's name. */
  private static Descriptor inherit(Descriptor index, Descriptor chosen) {
    return chosen.annotated(index.annotations());
  }

  private static String separator(String reference) {
    return reference.startsWith("@") ? "" : ":";
  }
}
