package dev.lamina.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lamina.fixtures.tree.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Turns a store of today into one of format 1, as version 0.1 left it. */
final class OldStore {
  private static final ObjectMapper JSON = new ObjectMapper();

  private OldStore() {}

  static void make(Path root, StoredImage... images) throws IOException {
    Trees.delete(root.resolve("blobs"));
    Files.delete(root.resolve("lock"));
    for (StoredImage image : images) {
      Path directory = image.configFile().getParent();
      Path manifests = directory.resolve(ImageRecords.MANIFESTS);
      Files.move(
          manifests.resolve(image.manifests().get(0).hex()), directory.resolve("manifest.json"));
      Trees.delete(manifests);
      Trees.delete(directory.resolve(ImageRecords.INDEXES));
      for (StoredLayer layer : image.layers()) {
        remove(layer.tree().resolveSibling("layer.json"), "blob", "tree");
        Files.deleteIfExists(layer.streamRecord());
      }
    }
    try (var names = Files.list(root.resolve("names"))) {
      for (Path name : names.toList()) {
        remove(name, "manifest", "index");
      }
    }
    Files.writeString(root.resolve("store.json"), "{\"format\":1}");
  }

  private static void remove(Path file, String... fields) throws IOException {
    ObjectNode record = (ObjectNode) JSON.readTree(file.toFile());
    for (String field : fields) {
      record.remove(field);
    }
    JSON.writeValue(file.toFile(), record);
  }
}
