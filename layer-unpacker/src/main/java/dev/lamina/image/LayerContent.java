package dev.lamina.image;

import java.io.IOException;
import java.io.OutputStream;

/** Something that can be written as a layer: an uncompressed tar stream. */
@FunctionalInterface
public interface LayerContent {
  /** Writes the whole stream and closes {@code out}. */
  void writeTo(OutputStream out) throws IOException;
}
