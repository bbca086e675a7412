package dev.lamina.registry;

import dev.lamina.image.Digest;
import dev.lamina.image.GzipBlob;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.LayerBlob;
import dev.lamina.layer.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * A layer of a source as a {@link GzipBlob}, in a file of its own; a second push finds the same.
 *
 * @param file the caller deletes it
 */
record CompressedLayer(Path file, Digest digest, long size) {
  /** Compresses {@code layer} into {@code file}, comparing it with its diffID. */
  static CompressedLayer make(ImageSource source, LayerBlob layer, Path file) throws IOException {
    MessageDigest diffId = layer.diffId().newComputation();
    boolean done = false;
    try (InputStream in = Compression.decompress(source.openLayer(layer))) {
      GzipBlob blob = GzipBlob.write(out -> copy(in, out), file, diffId);
      if (!layer.diffId().matches(diffId)) {
        throw new ImageException(
            ImageException.Kind.MISMATCH,
            source.name() + ": layer " + layer.path() + " does not have the diffID of its image");
      }
      done = true;
      return new CompressedLayer(file, blob.digest(), blob.size());
    } finally {
      if (!done) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static void copy(InputStream in, OutputStream out) throws IOException {
    try (out) {
      in.transferTo(out);
    }
  }
}
