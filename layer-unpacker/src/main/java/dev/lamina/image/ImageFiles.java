package dev.lamina.image;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The files of an image layout, in a directory, inside an archive or behind a registry. Paths are
 * relative with {@code /} between components. Safe for several threads.
 */
public interface ImageFiles extends Closeable {
  /** Size in bytes, or -1 where no such file is. */
  long size(String path) throws IOException;

  /** The content from its start; the caller closes it. NOT_FOUND where no such file is. */
  InputStream open(String path) throws IOException;

  /** The file itself where {@code path} is one of the host's, not a part of an archive. */
  default Optional<Path> file(String path) {
    return Optional.empty();
  }

  /** What a person calls this place, for messages. */
  String name();

  /** A whole small document. */
  default byte[] read(String path) throws IOException {
    String what = name() + ": " + path;
    long size = size(path);
    if (size < 0) {
      throw new ImageException(ImageException.Kind.NOT_FOUND, what + " is missing");
    }
    if (size > Json.SIZE_LIMIT) {
      throw new ImageException(
          ImageException.Kind.LIMIT,
          what + " has " + size + " bytes; the limit is " + Json.SIZE_LIMIT);
    }
    try (InputStream in = open(path)) {
      return in.readNBytes((int) size);
    }
  }

  /** A manifest, index or configuration; bounded in size, not verified. */
  default byte[] document(Descriptor descriptor) throws IOException {
    return read(blobPath(descriptor.digest()));
  }

  /**
   * Bytes of a blob, or -1 where it is missing. A place that would have to ask a server says what
   * the descriptor says.
   */
  default long size(Descriptor descriptor) throws IOException {
    return size(blobPath(descriptor.digest()));
  }

  /** As {@link ImageSource#parallelism}. */
  default int parallelism() {
    return 2;
  }

  /** As {@link ImageSource#isDistant}. */
  default boolean isDistant() {
    return false;
  }

  /** Where a layout keeps a blob (image-layout.md). */
  static String blobPath(Digest digest) {
    return "blobs/" + digest.algorithm() + "/" + digest.hex();
  }
}
