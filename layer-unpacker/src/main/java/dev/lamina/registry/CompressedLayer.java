package dev.lamina.registry;

import com.google.common.io.CountingOutputStream;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.LayerBlob;
import dev.lamina.layer.Compression;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.zip.GZIPOutputStream;

/**
 * A layer compressed with gzip, the form that every registry and runtime takes, in a file of its
 * own. The same layer always gives the same bytes, so that a second push finds them.
 *
 * @param file the caller deletes it
 */
record CompressedLayer(Path file, Digest digest, long size) {
  private static final int BUFFER = 1 << 16;

  /** Compresses {@code layer} into {@code file}, comparing it with its diffID. */
  static CompressedLayer make(ImageSource source, LayerBlob layer, Path file) throws IOException {
    MessageDigest diffId = layer.diffId().newComputation();
    MessageDigest digest = Digest.newSha256();
    boolean done = false;
    try (InputStream in =
            new DigestInputStream(Compression.decompress(source.openLayer(layer)), diffId);
        CountingOutputStream blob =
            new CountingOutputStream(
                new DigestOutputStream(
                    new BufferedOutputStream(Files.newOutputStream(file)), digest))) {
      try (OutputStream gzip = new GZIPOutputStream(blob, BUFFER)) {
        in.transferTo(gzip);
      }
      if (!layer.diffId().matches(diffId)) {
        throw new ImageException(
            ImageException.Kind.MISMATCH,
            source.name() + ": layer " + layer.path() + " does not have the diffID of its image");
      }
      done = true;
      return new CompressedLayer(file, Digest.sha256(digest), blob.getCount());
    } finally {
      if (!done) {
        Files.deleteIfExists(file);
      }
    }
  }
}
