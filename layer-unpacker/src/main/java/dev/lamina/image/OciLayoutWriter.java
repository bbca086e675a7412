package dev.lamina.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes one image as an OCI image layout (image-layout.md) into a directory: blobs first, each
 * moved to its digest when it is complete, {@code index.json} last.
 */
public final class OciLayoutWriter {
  private final Path directory;
  private final Instant created;
  private final List<Descriptor> layers = new ArrayList<>();
  private final List<Digest> diffIds = new ArrayList<>();
  private final List<ImageConfig.History> history = new ArrayList<>();

  /**
   * An image without layers so far.
   *
   * @param directory created if it is not there; other images in it are not kept
   * @param created goes into the configuration
   */
  public OciLayoutWriter(Path directory, Instant created) throws IOException {
    this.directory = directory;
    this.created = created;
    Files.createDirectories(blobs());
  }

  /** Adds a layer on top of those so far, compressed with gzip. */
  public OciLayoutWriter layer(LayerContent content, String createdBy) throws IOException {
    // No createTempFile: a layout is for everybody to read whom the umask lets.
    Path file = blobs().resolve(".layer-" + layers.size());
    try {
      MessageDigest diffId = Digest.newSha256();
      Descriptor descriptor = GzipBlob.write(content, file, diffId).descriptor();
      Files.move(file, blob(descriptor.digest()), StandardCopyOption.REPLACE_EXISTING);
      layers.add(descriptor);
      diffIds.add(Digest.sha256(diffId));
      history.add(new ImageConfig.History(created.toString(), createdBy, null, null, false));
      return this;
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /**
   * Completes the image.
   *
   * @param tag its name in the layout
   * @param config how to run it: the object {@code config} of config.md, such as {@code Cmd}
   * @return the manifest's descriptor
   */
  public Descriptor finish(String tag, Platform platform, Map<String, Object> config)
      throws IOException {
    ImageConfig image =
        new ImageConfig(
            created.toString(),
            platform.architecture(),
            platform.os(),
            platform.variant(),
            config,
            new ImageConfig.RootFs("layers", diffIds),
            history);
    Descriptor configBlob = put(MediaTypes.OCI_CONFIG, Json.write(image));
    Manifest manifest = new Manifest(2, MediaTypes.OCI_MANIFEST, configBlob, layers, null);
    Descriptor descriptor =
        put(MediaTypes.OCI_MANIFEST, Json.write(manifest)).annotated(Map.of(Index.REF_NAME, tag));
    write("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
    Index index = new Index(2, MediaTypes.OCI_INDEX, List.of(descriptor));
    write(OciLayout.INDEX, Json.write(index));
    return descriptor;
  }

  private Descriptor put(String mediaType, byte[] content) throws IOException {
    Digest digest = Digest.sha256(content);
    Files.write(blob(digest), content);
    return Descriptor.of(mediaType, digest, content.length);
  }

  private void write(String name, byte[] content) throws IOException {
    Path file = directory.resolve("." + name);
    Files.write(file, content);
    Files.move(file, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private Path blobs() {
    return directory.resolve("blobs/sha256");
  }

  private Path blob(Digest digest) {
    return blobs().resolve(digest.hex());
  }
}
