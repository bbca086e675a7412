package dev.lamina.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel.MapMode;

/**
 * The data of an open regular file. Any number of threads may call, but nobody during or after
 * {@link #close}.
 */
interface Content {
  /** Node of the file; it stands for nothing else as long as this is open. */
  long node();

  /** Fills {@code target} as far as the file goes; bytes read, 0 at the end. */
  int read(ByteBuffer target, long position) throws IOException;

  /** Writes all of {@code source}; at the end, whatever the position, if opened to append. */
  int write(ByteBuffer source, long position) throws IOException;

  long size() throws IOException;

  /** Makes the file shorter or longer. */
  void resize(long size) throws IOException;

  /** To stable storage. */
  void force(boolean metadata) throws IOException;

  /**
   * Copies to {@code target} without a way through this process's memory.
   *
   * @return bytes copied, 0 at the end; -1 where this is not possible
   */
  long copyTo(Content target, long position, long targetPosition, long count) throws IOException;

  /**
   * Maps the file.
   *
   * @throws UnsupportedOperationException where no real file holds the data for good
   */
  MappedByteBuffer map(MapMode mode, long position, long size) throws IOException;

  void close();
}
