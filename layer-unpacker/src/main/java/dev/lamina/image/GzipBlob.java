package dev.lamina.image;

import com.google.common.io.CountingOutputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.zip.GZIPOutputStream;

/**
 * A layer compressed with gzip, the form that every registry and runtime takes, in a file. The same
 * content gives the same bytes, so that whoever has it already is found to have it.
 *
 * @param digest of the file
 * @param size of the file in bytes
 * @param bytes of the uncompressed stream
 */
public record GzipBlob(Digest digest, long size, long bytes) {
  private static final int BUFFER = 1 << 16;

  /**
   * Writes {@code content} into {@code file}, which is the caller's, also where this fails.
   *
   * @param diffId computes over the uncompressed stream on its way
   */
  public static GzipBlob write(LayerContent content, Path file, MessageDigest diffId)
      throws IOException {
    MessageDigest digest = Digest.newSha256();
    try (CountingOutputStream blob =
        new CountingOutputStream(
            new DigestOutputStream(
                new BufferedOutputStream(Files.newOutputStream(file)), digest))) {
      OutputStream gzip = new GZIPOutputStream(blob, BUFFER);
      CountingOutputStream uncompressed =
          new CountingOutputStream(
              new BufferedOutputStream(new DigestOutputStream(gzip, diffId), BUFFER));
      content.writeTo(uncompressed);
      return new GzipBlob(Digest.sha256(digest), blob.getCount(), uncompressed.getCount());
    }
  }

  /** How a manifest names it. */
  public Descriptor descriptor() {
    return Descriptor.of(MediaTypes.OCI_LAYER_GZIP, digest, size);
  }
}
