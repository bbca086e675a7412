package dev.lamina.save;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageFiles;
import dev.lamina.image.ImageName;
import dev.lamina.image.Index;
import dev.lamina.image.LayerBlob;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import dev.lamina.image.VerifyingInputStream;
import dev.lamina.layer.Compression;
import dev.lamina.store.StoredImageSource;
import dev.lamina.store.StoredLayer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Copies an image of the store out. Every blob is verified on its way. A manifest in Docker's words
 * becomes one in OCI's in an OCI layout, as skopeo does it, and so gets another digest; the image
 * id stays.
 */
public final class ImageSave {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String INDEX = "index.json";

  /** Told of each layer before it is written. */
  public interface Progress {
    /** Layer {@code index}, from 0. */
    void layer(int index, Digest diffId);
  }

  private final StoredImageSource source;
  private final Progress progress;

  private ImageSave(StoredImageSource source, Progress progress) {
    this.source = source;
    this.progress = progress;
  }

  /**
   * Adds the image to an OCI layout, which is made where there is none; other images in it stay.
   *
   * @param reference its name in the layout; one that another image has goes over to this
   * @throws ImageException NOT_FOUND where the store has dropped a layer without a record
   */
  public static void toLayout(
      StoredImageSource source, Path directory, Optional<String> reference, Progress progress)
      throws IOException {
    try (Destination destination = new DirectoryDestination(directory)) {
      new ImageSave(source.complete(), progress).writeLayout(destination, reference);
    }
  }

  /** Writes the same as a tar; {@code out} should be buffered and is closed. */
  public static void toLayoutArchive(
      StoredImageSource source, OutputStream out, Optional<String> reference, Progress progress)
      throws IOException {
    try (Destination destination = new ArchiveDestination(out)) {
      new ImageSave(source.complete(), progress).writeLayout(destination, reference);
    }
  }

  /**
   * Writes what {@code docker load} reads; {@code out} should be buffered and is closed.
   *
   * @param names to be given to it there
   */
  public static void toDockerArchive(
      StoredImageSource source, OutputStream out, List<ImageName> names, Progress progress)
      throws IOException {
    try (Destination destination = new ArchiveDestination(out)) {
      new ImageSave(source.complete(), progress).writeDockerArchive(destination, names);
    }
  }

  private void writeLayout(Destination destination, Optional<String> reference) throws IOException {
    destination.put("oci-layout", utf8("{\"imageLayoutVersion\":\"1.0.0\"}"));
    List<LayerBlob> layers = source.layers();
    for (int i = 0; i < layers.size(); i++) {
      LayerBlob layer = layers.get(i);
      progress.layer(i, layer.diffId());
      String path = ImageFiles.blobPath(layer.digest().orElseThrow());
      if (!destination.has(path, layer.size())) {
        try (VerifyingInputStream verified = open(layer)) {
          destination.put(path, layer.size(), verified);
          verified.verify();
        }
      }
    }
    byte[] config = source.configBytes();
    destination.put(ImageFiles.blobPath(source.manifest().config().digest()), config);
    byte[] manifest = ociManifest();
    destination.put(ImageFiles.blobPath(Digest.sha256(manifest)), manifest);
    Descriptor descriptor =
        Descriptor.of(MediaTypes.OCI_MANIFEST, Digest.sha256(manifest), manifest.length);
    destination.put(INDEX, index(destination.read(INDEX), descriptor, reference));
  }

  private VerifyingInputStream open(LayerBlob layer) throws IOException {
    return new VerifyingInputStream(
        source.openLayer(layer),
        "blob " + layer.digest().orElseThrow(),
        layer.size(),
        layer.digest());
  }

  private byte[] ociManifest() {
    Manifest manifest = source.manifest();
    if (MediaTypes.ofManifest(manifest).equals(MediaTypes.OCI_MANIFEST)) {
      return source.manifestBytes().orElseThrow();
    }
    List<Descriptor> layers = new ArrayList<>();
    for (Descriptor layer : manifest.layers()) {
      layers.add(
          Descriptor.of(MediaTypes.ociLayer(layer.mediaType()), layer.digest(), layer.size()));
    }
    Descriptor config = manifest.config();
    return Manifest.oci(
            Descriptor.of(MediaTypes.OCI_CONFIG, config.digest(), config.size()), layers)
        .toBytes();
  }

  /** The index as it was, with the image in the place of what had its name. */
  private static byte[] index(
      Optional<byte[]> before, Descriptor descriptor, Optional<String> reference)
      throws IOException {
    ObjectNode index = JSON.createObjectNode().put("schemaVersion", 2);
    ArrayNode manifests = JSON.createArrayNode();
    if (before.isPresent()) {
      index = parse(before.get());
      for (JsonNode entry : index.withArray("manifests")) {
        Optional<String> name =
            Optional.ofNullable(entry.path("annotations").path(Index.REF_NAME).textValue());
        boolean same = entry.path("digest").asText().equals(descriptor.digest().toString());
        boolean replaced = reference.isPresent() ? name.equals(reference) : name.isEmpty() && same;
        if (!replaced) {
          manifests.add(entry);
        }
      }
    }
    ObjectNode entry = manifests.addObject();
    entry
        .put("mediaType", descriptor.mediaType())
        .put("digest", descriptor.digest().toString())
        .put("size", descriptor.size());
    reference.ifPresent(name -> entry.putObject("annotations").put(Index.REF_NAME, name));
    index.set("manifests", manifests);
    return JSON.writeValueAsBytes(index);
  }

  private static ObjectNode parse(byte[] index) throws ImageException {
    try {
      if (JSON.readTree(index) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      throw new ImageException(ImageException.Kind.MALFORMED, INDEX + " is no JSON", e);
    } catch (IOException e) {
      throw new ImageException(ImageException.Kind.MALFORMED, INDEX + " cannot be read", e);
    }
    throw new ImageException(ImageException.Kind.MALFORMED, INDEX + " is no index");
  }

  private void writeDockerArchive(Destination destination, List<ImageName> names)
      throws IOException {
    Map<Digest, Long> sizes = new HashMap<>();
    for (StoredLayer layer : source.image().layers()) {
      sizes.put(layer.diffId(), layer.bytes());
    }
    List<String> files = new ArrayList<>();
    List<LayerBlob> layers = source.layers();
    for (int i = 0; i < layers.size(); i++) {
      LayerBlob layer = layers.get(i);
      progress.layer(i, layer.diffId());
      String file = layer.diffId().hex() + ".tar";
      files.add(file);
      long size = sizes.get(layer.diffId());
      if (!destination.has(file, size)) {
        try (InputStream stream = Compression.decompress(source.openLayer(layer));
            VerifyingInputStream verified =
                new VerifyingInputStream(
                    stream, "layer " + layer.diffId(), size, Optional.of(layer.diffId()))) {
          destination.put(file, size, verified);
          verified.verify();
        }
      }
    }
    byte[] config = source.configBytes();
    String configFile = Digest.sha256(config).hex() + ".json";
    destination.put(configFile, config);
    ObjectNode item = JSON.createObjectNode().put("Config", configFile);
    ArrayNode tags = item.putArray("RepoTags");
    names.forEach(name -> tags.add(name.toString()));
    ArrayNode list = item.putArray("Layers");
    files.forEach(list::add);
    destination.put("manifest.json", JSON.writeValueAsBytes(JSON.createArrayNode().add(item)));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
