package dev.lamina.layer;

import dev.lamina.layer.tar.SparseMap;
import java.io.IOException;

/** Told which bytes of a tar stream become the data of which file of the tree. */
interface PayloadListener {
  PayloadListener NONE =
      new PayloadListener() {
        @Override
        public void begin(long bytes) {}

        @Override
        public void end(LayerPath file, SparseMap sparse) {}
      };

  /** The next {@code bytes} of the stream, as many as are read before {@link #end}, are data. */
  void begin(long bytes) throws IOException;

  /**
   * They were written to a file.
   *
   * @param file its real path in the tree: no component is a symbolic link
   * @param sparse where the bytes went, or null: one after the other from the start
   */
  void end(LayerPath file, SparseMap sparse) throws IOException;
}
