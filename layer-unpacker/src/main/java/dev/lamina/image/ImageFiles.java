package dev.lamina.image;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The files of an image layout, in a directory or inside an archive. Paths are relative with {@code
 * /} between components. Safe for several threads.
 */
interface ImageFiles extends Closeable {
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
}
