package dev.lamina.store;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.layer.Dialect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The JSON documents of the store (docs/on-disk.md); fields of later versions are ignored. */
final class StoreRecords {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private StoreRecords() {}

  /** {@code store.json}: which layout this is. */
  record Format(int format) {
    static final int CURRENT = 1;
  }

  /**
   * {@code layer.json}.
   *
   * @param dependsOnParents whether the layer's key is its chainID
   */
  record Layer(
      Digest diffId,
      boolean dependsOnParents,
      Dialect dialect,
      boolean rootDescribed,
      long entries,
      long bytes) {}

  /** {@code image.json}: the keys of the layers, bottom first. */
  record Image(List<Digest> layers) {}

  /** A file of the directory of names. */
  record Name(String name, Digest image) {}

  static <T> T read(Path file, Class<T> type) throws IOException {
    try {
      return MAPPER.readValue(Files.readAllBytes(file), type);
    } catch (JacksonException e) {
      throw new ImageException(
          ImageException.Kind.HOST, "the store is damaged: " + file + " cannot be read", e);
    }
  }

  static void write(Path file, Object record) throws IOException {
    Files.write(file, MAPPER.writeValueAsBytes(record));
  }
}
