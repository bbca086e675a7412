package dev.lamina.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lamina.image.Descriptor;
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
    /** Since 2 there are blobs, and a lock that whoever takes something away relies on. */
    static final int CURRENT = 2;

    static final int OLDEST = 1;
  }

  /**
   * {@code layer.json}.
   *
   * @param dependsOnParents whether the layer's key is its chainID
   * @param ownersRecorded whether owners and modes are in xattrs; false where it is missing
   * @param blob what it was unpacked from, where that was kept then; null else
   * @param treeDigest {@link dev.lamina.layer.TreeDigest} of the tree; null in stores of format 1
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Layer(
      Digest diffId,
      boolean dependsOnParents,
      Dialect dialect,
      boolean rootDescribed,
      boolean ownersRecorded,
      long entries,
      long bytes,
      Descriptor blob,
      @JsonProperty("tree") Digest treeDigest) {}

  /**
   * {@code image.json}.
   *
   * @param layers keys, bottom first
   * @param ownersRecorded whether owner and mode of {@code root}, if there is one, are in an xattr
   */
  record Image(List<Digest> layers, boolean ownersRecorded) {}

  /**
   * A file of the directory of names.
   *
   * @param manifest the one that the image had when it was named; null in stores of format 1
   * @param index the outermost index that led to it, or null
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Name(String name, Digest image, Digest manifest, Digest index) {
    /** What others know the image by under this name; null if that is not known. */
    Digest digest() {
      return index != null ? index : manifest;
    }
  }

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
