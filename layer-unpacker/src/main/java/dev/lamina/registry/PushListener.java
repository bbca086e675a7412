package dev.lamina.registry;

import dev.lamina.image.LayerBlob;
import java.util.List;

/** Told how a push goes on. Layers are pushed side by side: calls come from any thread. */
public interface PushListener {
  /** Says nothing to anyone. */
  PushListener NONE =
      new PushListener() {
        @Override
        public void present(LayerBlob layer, String how) {}

        @Override
        public void advanced(LayerBlob layer, long bytes) {}

        @Override
        public void finished(LayerBlob layer) {}
      };

  /** Told first: the layers that are to be in the registry in the end, as they will be there. */
  default void begun(List<LayerBlob> layers) {}

  /** The layer need not be sent; {@code how} says why, in words. */
  void present(LayerBlob layer, String how);

  /** {@code bytes} more of the layer are there; fewer than none where an upload began anew. */
  void advanced(LayerBlob layer, long bytes);

  /** The layer is in the registry, which has compared it with its digest. */
  void finished(LayerBlob layer);
}
