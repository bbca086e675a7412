package dev.lamina.store;

import dev.lamina.image.LayerBlob;

/** Told how unpacking goes on. Layers are unpacked side by side: calls come from any thread. */
public interface ProgressListener {
  /** Says nothing to anyone. */
  ProgressListener NONE =
      new ProgressListener() {
        @Override
        public void shared(LayerBlob layer) {}

        @Override
        public void advanced(LayerBlob layer, long bytes) {}

        @Override
        public void finished(LayerBlob layer) {}
      };

  /** The store has this layer already; it is not read. */
  void shared(LayerBlob layer);

  /** {@code bytes} more of the blob have been read; with the last, {@link LayerBlob#size}. */
  void advanced(LayerBlob layer, long bytes);

  /** The layer is unpacked and verified. */
  void finished(LayerBlob layer);
}
