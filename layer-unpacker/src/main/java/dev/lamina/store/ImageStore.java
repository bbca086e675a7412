package dev.lamina.store;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageName;
import dev.lamina.image.ImageSource;
import dev.lamina.layer.Dialect;
import dev.lamina.layer.RootDirectory;
import dev.lamina.layer.UnpackLimits;
import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.UserNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of unpacked images, and the public face of this room.
 *
 * <ul>
 *   <li><b>Layers</b> are kept once, however many images have them.
 *   <li><b>Whole or not at all.</b> A layer appears by one rename after every check and a sync; a
 *       process that dies, or is interrupted, leaves nothing but a staging directory that the next
 *       {@link #open} deletes.
 *   <li><b>Sharing.</b> Any number of threads and processes may use one store; two that unpack the
 *       same layer both succeed and one copy stays.
 *   <li><b>Privacy.</b> The root is readable by its owner alone.
 * </ul>
 *
 * <pre>{@code
 * ImageStore store = ImageStore.open(Path.of("/var/lib/lamina"));
 * try (ImageSource source = ImageSources.open("oci:/images/debian:v1", Platform.host())) {
 *   StoredImage image = store.unpack(source, ProgressListener.NONE);
 *   mount(image.lowers());
 * }
 * }</pre>
 */
public final class ImageStore {
  private static final Logger LOG = LoggerFactory.getLogger(ImageStore.class);

  private final StoreLayout layout;
  private final NameIndex names;
  private final UnpackLimits limits;

  private ImageStore(StoreLayout layout, UnpackLimits limits) {
    this.layout = layout;
    this.names = new NameIndex(layout);
    this.limits = limits;
  }

  /** Opens a store, creating it if need be, and deletes what interrupted runs left behind. */
  public static ImageStore open(Path root) throws ImageException {
    return open(root, UnpackLimits.DEFAULT);
  }

  /** As {@link #open(Path)}, with bounds of one's own. */
  public static ImageStore open(Path root, UnpackLimits limits) throws ImageException {
    try {
      StoreLayout layout = StoreLayout.create(root.toAbsolutePath().normalize());
      Staging.sweep(layout.tmp());
      return new ImageStore(layout, limits);
    } catch (IOException e) {
      throw ImageException.host("opening the store " + root, e);
    }
  }

  /** Where writable layers of containers belong; their layout is not this class's business. */
  public Path containers() {
    return layout.containers();
  }

  /** A store of its own in this one's scratch space, for an image that is only looked at. */
  public TemporaryStore temporary() throws ImageException {
    return TemporaryStore.create(layout.tmp(), limits);
  }

  /**
   * Unpacks the layers that the store does not have, and names the image as the source does.
   *
   * <p>May be interrupted: it then throws with kind INTERRUPTED, leaving nothing behind.
   */
  public StoredImage unpack(ImageSource source, ProgressListener progress) throws ImageException {
    try (Staging staging = Staging.create(layout.tmp())) {
      Dialect dialect = probe(staging);
      List<LayerJobs.Result> layers =
          new LayerJobs(layout, source, staging, dialect, limits, progress).run();
      Digest id = source.id();
      stageImage(staging, source, layers);
      staging.sync();
      for (LayerJobs.Result result : layers) {
        publish(staging, result);
      }
      staging.publish("image", layout.images(), id.hex());
      for (ImageName name : source.names()) {
        names.put(staging, name, id);
      }
      return image(id, names.byImage())
          .orElseThrow(() -> new ImageException(ImageException.Kind.HOST, id + " vanished"));
    } catch (IOException e) {
      throw ImageException.host("unpacking into the store " + layout.root(), e);
    }
  }

  private static Dialect probe(Staging staging) throws ErrnoException {
    Path directory = staging.directory("probe");
    int fd = At.openDirectory(At.FDCWD, Name.of(directory.toString()));
    try {
      return Dialect.probe(fd);
    } finally {
      Fd.close(fd);
    }
  }

  private void stageImage(Staging staging, ImageSource source, List<LayerJobs.Result> layers)
      throws IOException {
    Path directory = staging.directory("image");
    Files.write(directory.resolve("config.json"), source.configBytes());
    Optional<byte[]> manifest = source.manifestBytes();
    if (manifest.isPresent()) {
      Files.write(directory.resolve("manifest.json"), manifest.get());
    }
    List<Digest> keys = layers.stream().map(r -> r.layer().key()).toList();
    StoreRecords.write(
        directory.resolve("image.json"), new StoreRecords.Image(keys, recordsOwners()));
    for (int i = layers.size() - 1; i >= 0; i--) {
      StoredLayer layer = layers.get(i).layer();
      if (layout.rootDescribed(layer)) {
        if (i < layers.size() - 1) {
          RootDirectory.copyAttributes(layer.tree(), staging.directory("image/root"));
        }
        return;
      }
    }
  }

  private void publish(Staging staging, LayerJobs.Result result) throws ErrnoException {
    if (result.staged().isPresent()) {
      staging.publish(result.staged().get(), layout.layers(), result.layer().key().hex());
    }
  }

  /** All images, ordered by their first name, those without names last. */
  public List<StoredImage> images() throws IOException {
    Map<Digest, List<ImageName>> byImage = names.byImage();
    List<StoredImage> images = new ArrayList<>();
    try (Stream<Path> directories = Files.list(layout.images())) {
      for (Path directory : directories.sorted().toList()) {
        image(new Digest("sha256", directory.getFileName().toString()), byImage)
            .ifPresent(images::add);
      }
    }
    images.sort(
        Comparator.comparing((StoredImage i) -> i.names().isEmpty())
            .thenComparing(
                i -> i.names().isEmpty() ? i.id().toString() : i.names().get(0).toString()));
    return images;
  }

  /**
   * Finds an image by name ({@code latest} where no tag is given), by the end of a name if only one
   * image has it ({@code demo:v1} for {@code localhost/demo:v1}), or by its id or the unique start
   * of it, with or without {@code sha256:}.
   */
  public Optional<StoredImage> find(String text) throws IOException {
    Optional<Digest> id = names.find(text);
    if (id.isPresent()) {
      return image(id.get(), names.byImage());
    }
    String prefix = text.startsWith("sha256:") ? text.substring("sha256:".length()) : text;
    if (!prefix.matches("[0-9a-f]{1,64}")) {
      return Optional.empty();
    }
    List<StoredImage> matching =
        images().stream().filter(image -> image.id().hex().startsWith(prefix)).toList();
    if (matching.size() > 1) {
      throw new ImageException(
          ImageException.Kind.NOT_FOUND, matching.size() + " images have ids that start " + prefix);
    }
    return matching.stream().findFirst();
  }

  /**
   * Whether what this process makes, layers and the roots of writable layers, has owners and modes
   * in records ({@code user.containers.override_stat}), since it cannot chown.
   */
  public static boolean recordsOwners() {
    return !UserNamespace.isHostRoot();
  }

  /**
   * Gives a new, empty writable layer the owner, mode and times that the image's root has: the root
   * of a mount takes them from its topmost layer. In a record, if {@link #recordsOwners}.
   */
  public void prepareUpper(StoredImage image, Path upper) throws IOException {
    List<Path> lowers = image.lowers();
    if (!lowers.isEmpty()) {
      RootDirectory.copyAttributes(lowers.get(0), upper);
    }
  }

  private Optional<StoredImage> image(Digest id, Map<Digest, List<ImageName>> byImage)
      throws IOException {
    Path directory = layout.images().resolve(id.hex());
    Path record = directory.resolve("image.json");
    if (!Files.exists(record)) {
      return Optional.empty();
    }
    List<StoredLayer> layers = new ArrayList<>();
    StoreRecords.Image stored = StoreRecords.read(record, StoreRecords.Image.class);
    for (Digest key : stored.layers()) {
      Optional<StoredLayer> layer = layout.layer(key);
      if (layer.isEmpty()) {
        LOG.warn("image {} lacks layer {}; unpack it again", id, key);
        return Optional.empty();
      }
      layers.add(0, layer.get());
    }
    Path config = directory.resolve("config.json");
    Path root = directory.resolve("root");
    return Optional.of(
        new StoredImage(
            id,
            byImage.getOrDefault(id, List.of()),
            ImageConfig.parse(Files.readAllBytes(config), config.toString()),
            List.copyOf(layers),
            Files.exists(root) ? Optional.of(root) : Optional.empty(),
            stored.ownersRecorded(),
            config));
  }
}
