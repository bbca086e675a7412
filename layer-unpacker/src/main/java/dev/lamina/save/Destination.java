package dev.lamina.save;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Files by path, on their way into a directory or an archive. */
interface Destination extends Closeable {
  /** Whether a file of that size is there, which then has the content that its name says. */
  boolean has(String path, long size) throws IOException;

  /** A file that is there already; empty where there is none. */
  Optional<byte[]> read(String path) throws IOException;

  /** Writes a file, in the place of one that is there. */
  void put(String path, long size, InputStream content) throws IOException;

  default void put(String path, byte[] content) throws IOException {
    put(path, content.length, new ByteArrayInputStream(content));
  }
}
