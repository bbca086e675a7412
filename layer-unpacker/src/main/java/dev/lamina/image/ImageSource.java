package dev.lamina.image;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One image, chosen from wherever it is kept. Its configuration has been read and verified when a
 * source exists; its layers are streams still to be verified ({@link VerifyingInputStream}, and the
 * diffID by whoever unpacks them).
 *
 * <p>{@link #openLayer} may be called from several threads; a source stays open until all streams
 * are closed.
 */
public interface ImageSource extends Closeable {
  /** What a person calls this source, for messages: {@code oci:/path:tag}. */
  String name();

  /** Names to keep the image under, complete with tag; may be empty. */
  List<ImageName> names();

  /** The manifest's own bytes; empty for a docker-archive, which has none. */
  Optional<byte[]> manifestBytes();

  /** The configuration's own bytes: their digest is the image id. */
  byte[] configBytes();

  /** The configuration. */
  ImageConfig config();

  /** The layers, bottom first, one for each diffID of the configuration. */
  List<LayerBlob> layers();

  /** The blob as it is stored, compressed or not. */
  InputStream openLayer(LayerBlob layer) throws IOException;

  /** Whether {@link #openLayer} gives that blob: a store may have dropped it. */
  default boolean has(LayerBlob layer) throws IOException {
    return true;
  }

  /**
   * The same image with a manifest whose blobs can all be read here; itself where that is so
   * already. Closing either closes both.
   */
  default ImageSource complete() throws IOException {
    return this;
  }

  /** How many layers are best read side by side. More than 2 gained nothing on files and 2 CPUs. */
  default int parallelism() {
    return 2;
  }

  /** Whether its blobs come from far, so that those that are complete are worth keeping. */
  default boolean isDistant() {
    return false;
  }

  /**
   * The blob as a file of its own, where it is one: whoever keeps it may then share its blocks
   * instead of copying. Its content is as little verified as that of {@link #openLayer}.
   */
  default Optional<Path> layerFile(LayerBlob layer) {
    return Optional.empty();
  }

  /** Digests of the indexes through which the manifest was found, outermost first; often none. */
  default List<Digest> indexes() {
    return List.of();
  }

  /** The image id: sha256 of the configuration's bytes. */
  default Digest id() {
    return Digest.sha256(configBytes());
  }
}
