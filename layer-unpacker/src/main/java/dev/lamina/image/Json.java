package dev.lamina.image;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lamina.linux.Printable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The JSON of images: unknown fields are ignored, duplicate ones refused (two readers must not see
 * two images in one document), size and depth bounded.
 */
public final class Json {
  /** Largest manifest, index or configuration in bytes, as registries bound theirs. */
  public static final int SIZE_LIMIT = 4 << 20;

  private static final int DEPTH_LIMIT = 64;

  static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEPTH_LIMIT)
                          .maxStringLength(SIZE_LIMIT)
                          .build())
                  .build())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /** Reads a document; {@code what} names it in messages. */
  public static <T> T read(byte[] document, Class<T> type, String what) throws ImageException {
    return parse(document, type, what);
  }

  /** A document; {@code what} names it in the message if it is none. */
  public static JsonNode readTree(byte[] document, String what) throws ImageException {
    return parse(document, JsonNode.class, what);
  }

  private static <T> T parse(byte[] document, Class<T> type, String what) throws ImageException {
    try {
      T value = MAPPER.readValue(document, type);
      if (value == null) {
        throw new ImageException(ImageException.Kind.MALFORMED, what + " is empty");
      }
      return value;
    } catch (ImageException e) {
      throw e;
    } catch (JsonProcessingException e) {
      throw new ImageException(
          ImageException.Kind.MALFORMED,
          what + " is not valid: " + printable(e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new ImageException(ImageException.Kind.MALFORMED, what + " cannot be read", e);
    }
  }

  /** {@code value} as UTF-8 bytes. */
  public static byte[] write(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record that cannot be written", e);
    }
  }

  /** Text from an image, on one line and without control characters, for a message. */
  public static String printable(String text) {
    return Printable.of(text.getBytes(StandardCharsets.UTF_8));
  }
}
