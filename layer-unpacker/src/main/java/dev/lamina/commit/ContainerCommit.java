package dev.lamina.commit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.Maps;
import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageName;
import dev.lamina.image.Manifest;
import dev.lamina.image.MediaTypes;
import dev.lamina.inspect.MergedTree;
import dev.lamina.overlay.Change;
import dev.lamina.overlay.Overlay;
import dev.lamina.overlay.OverlayOptions;
import dev.lamina.store.ImageIntake;
import dev.lamina.store.ImageStore;
import dev.lamina.store.ProgressListener;
import dev.lamina.store.StoredImage;
import dev.lamina.store.StoredImageSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a new image of a container: its image's layers, and one more with what was changed, unless
 * nothing was. The configuration is the parent's, unknown fields included, with the history one
 * entry longer.
 *
 * <p>The writable layer must not be mounted meanwhile; it stays as it is.
 *
 * @param createdBy what the history says made the layer
 * @param author who made it
 * @param message the history's comment
 * @param changes of how the image is run
 * @param created when the image says it was made
 * @param latest modification times after it become it, so that equal changes make equal layers
 */
public record ContainerCommit(
    String createdBy,
    Optional<String> author,
    Optional<String> message,
    ConfigChanges changes,
    Instant created,
    Optional<Instant> latest) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What docker kept in configurations about the container that an image was made from. */
  private static final List<String> OF_THE_PARENT_ALONE =
      List.of("id", "parent", "container", "container_config", "docker_version", "comment");

  /** One that was made now, runs as its parent does, and has neither author nor comment. */
  public static ContainerCommit of(String createdBy) {
    return new ContainerCommit(
        createdBy,
        Optional.empty(),
        Optional.empty(),
        new ConfigChanges(),
        Instant.now(),
        Optional.empty());
  }

  /**
   * Makes the image and publishes it.
   *
   * @param container the stack of the container, its writable layer included
   * @throws dev.lamina.linux.ErrnoException EBUSY where the container is mounted
   * @throws dev.lamina.image.ImageException NOT_FOUND where a layer of the parent has neither blob
   *     nor record in the store
   */
  public StoredImage run(
      ImageStore store,
      StoredImage parent,
      OverlayOptions container,
      List<ImageName> names,
      ProgressListener progress)
      throws IOException {
    try (StoredImageSource held = store.source(parent);
        ImageIntake intake = store.intake()) {
      StoredImageSource source = held.complete();
      Optional<ImageIntake.Layer> layer = layer(parent, container, intake);
      List<Descriptor> layers = new ArrayList<>();
      for (Descriptor below : source.manifest().layers()) {
        String mediaType = MediaTypes.ociLayer(below.mediaType());
        layers.add(Descriptor.of(mediaType, below.digest(), below.size()));
      }
      layer.ifPresent(made -> layers.add(made.descriptor()));
      byte[] config = config(source.configBytes(), layer.map(ImageIntake.Layer::diffId));
      Descriptor configBlob =
          Descriptor.of(MediaTypes.OCI_CONFIG, Digest.sha256(config), config.length);
      byte[] manifest = Manifest.oci(configBlob, layers).toBytes();
      return intake.finish(manifest, config, names, progress);
    }
  }

  private Optional<ImageIntake.Layer> layer(
      StoredImage parent, OverlayOptions container, ImageIntake intake) throws IOException {
    // Opened first: what a crash or a large promotion left is finished by that.
    try (MergedTree tree = MergedTree.open(container)) {
      List<Change> changed = Overlay.changes(container);
      boolean rootChanged = isRootChanged(parent, tree);
      return changed.isEmpty() && !rootChanged
          ? Optional.empty()
          : Optional.of(intake.layer(new LayerDiff(tree, changed, rootChanged, latest)));
    }
  }

  /** The list of changes does not have the root. */
  private static boolean isRootChanged(StoredImage parent, MergedTree tree) throws IOException {
    if (parent.layers().isEmpty()) {
      return false;
    }
    try (MergedTree below = MergedTree.open(parent)) {
      return !RootState.of(below).equals(RootState.of(tree));
    }
  }

  /** What a layer says of its root directory. */
  private record RootState(
      int mode, int uid, int gid, long mtime, int mtimeNanos, Map<String, ByteBuffer> xattrs) {
    static RootState of(MergedTree tree) throws IOException {
      RootState[] state = new RootState[1];
      tree.visit(
          new byte[] {'/'},
          (node, stat) ->
              state[0] =
                  new RootState(
                      stat.mode,
                      stat.uid,
                      stat.gid,
                      stat.mtime,
                      stat.mtimeNanos,
                      Maps.transformValues(tree.xattrs(node), ByteBuffer::wrap)));
      return state[0];
    }
  }

  /** The new configuration, from the parent's. */
  byte[] config(byte[] parent, Optional<Digest> diffId) throws IOException {
    ObjectNode root = (ObjectNode) JSON.readTree(parent);
    root.remove(OF_THE_PARENT_ALONE);
    root.put("created", created.toString());
    author.ifPresent(name -> root.put("author", name));
    changes.applyTo(root.get("config") instanceof ObjectNode o ? o : root.putObject("config"));
    ArrayNode diffIds = root.withObject("/rootfs").withArray("diff_ids");
    ArrayNode history = root.withArray("history");
    completeHistory(history, diffIds.size());
    diffId.ifPresent(id -> diffIds.add(id.toString()));
    ObjectNode entry = history.addObject();
    entry.put("created", created.toString()).put("created_by", createdBy);
    author.ifPresent(name -> entry.put("author", name));
    message.ifPresent(text -> entry.put("comment", text));
    if (diffId.isEmpty()) {
      entry.put("empty_layer", true);
    }
    return JSON.writeValueAsBytes(root);
  }

  /** Entries stand for layers by their order alone, so a layer without one gets an empty one. */
  private static void completeHistory(ArrayNode history, int layers) {
    int told = 0;
    for (JsonNode entry : history) {
      told += entry.path("empty_layer").asBoolean() ? 0 : 1;
    }
    for (; told < layers; told++) {
      history.addObject();
    }
  }
}
