package dev.lamina.store;

import com.google.common.collect.Lists;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageName;
import dev.lamina.image.ImageSource;
import dev.lamina.layer.RootDirectory;
import dev.lamina.layer.UnpackLimits;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.UserNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A directory of unpacked images, and the public face of this room.
 *
 * <ul>
 *   <li><b>Layers</b> are kept once, however many images have them.
 *   <li><b>Whole or not at all.</b> A layer appears by one rename after every check and a sync; a
 *       process that dies, or is interrupted, leaves nothing but a staging directory that the next
 *       {@link #open} deletes.
 *   <li><b>Blobs</b> are kept as they came, or a record of the layer's stream instead: {@link
 *       #source} gives the image to whoever copies it on.
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
  private final StoreLayout layout;
  private final NameIndex names;
  private final ImageRecords records;
  private final ImageFinder finder;
  private final UnpackLimits limits;

  private ImageStore(StoreLayout layout, UnpackLimits limits) {
    this.layout = layout;
    this.names = new NameIndex(layout);
    this.records = new ImageRecords(layout);
    this.finder = new ImageFinder(records, names);
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

  /** A directory in the scratch space, empty. */
  public ScratchDirectory scratch() throws ImageException {
    return ScratchDirectory.create(layout.tmp());
  }

  /**
   * Unpacks the layers that the store does not have, keeps their blobs, and names the image as the
   * source does.
   *
   * <p>May be interrupted: it then throws with kind INTERRUPTED, leaving nothing behind.
   */
  public StoredImage unpack(ImageSource source, ProgressListener progress) throws ImageException {
    return unpack(source, BlobPolicy.KEEP, progress);
  }

  /** As above, with another choice of what to keep. */
  public StoredImage unpack(ImageSource source, BlobPolicy policy, ProgressListener progress)
      throws ImageException {
    try (Staging staging = Staging.create(layout.tmp())) {
      Digest manifest = new ImageUnpack(layout, source, staging).run(limits, policy, progress);
      return records
          .read(source.id(), names.all(), Optional.of(manifest))
          .orElseThrow(
              () -> new ImageException(ImageException.Kind.HOST, source.id() + " vanished"));
    } catch (IOException e) {
      throw ImageException.host("unpacking into the store " + layout.root(), e);
    }
  }

  /** All images, ordered by their first name, those without names last. */
  public List<StoredImage> images() throws IOException {
    return finder.all();
  }

  /**
   * Finds an image
   *
   * <ul>
   *   <li>by a name, {@code latest} where no tag is given, or by the end of a name if only one
   *       image has it ({@code demo:v1} for {@code localhost/demo:v1});
   *   <li>by {@code NAME@DIGEST}, {@code @DIGEST} or a digest alone, of a manifest that it came
   *       with or of an index that led to that one: whatever the name, the digest decides;
   *   <li>by its id or the unique start of it, with or without {@code sha256:}.
   * </ul>
   */
  public Optional<StoredImage> find(String text) throws IOException {
    return finder.find(text).map(ImageFinder.Found::image);
  }

  /**
   * Keeps an image from being taken away until the result is closed or this process ends.
   *
   * @throws ImageException NOT_FOUND where it was taken away in the meantime
   */
  @SuppressWarnings("try") // The lock is held, not used.
  public ImageHold hold(StoredImage image) throws IOException {
    Staging staging;
    try {
      staging = Staging.create(layout.tmp());
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EROFS) {
        return ImageHold.NONE_NEEDED;
      }
      throw e;
    }
    try (StoreLock lock = StoreLock.shared(layout)) {
      if (records.record(image.id()).isEmpty()) {
        throw new ImageException(
            ImageException.Kind.NOT_FOUND, "image " + image.id() + " was removed meanwhile");
      }
      staging.pin(new Pin(Pin.Kind.IMAGE, image.id()));
      return new ImageHold(staging);
    } catch (IOException | RuntimeException e) {
      staging.close();
      throw e;
    }
  }

  /**
   * The image as others can copy it: documents, descriptors and blobs.
   *
   * @return the caller closes it
   */
  public StoredImageSource source(StoredImage image) throws IOException {
    ImageHold hold = hold(image);
    try {
      byte[] config = Files.readAllBytes(image.configFile());
      BlobStore blobs = new BlobStore(layout);
      List<StoredLayer> bottomFirst = Lists.reverse(image.layers());
      StoredManifest manifest =
          image.manifests().isEmpty()
              ? ImageRecords.made(config, bottomFirst, blobs::has)
              : records.manifest(image.id(), image.manifests().get(0));
      return new StoredImageSource(image, manifest, config, blobs, hold);
    } catch (IOException | RuntimeException e) {
      hold.close();
      throw e;
    }
  }

  /** Begins to take an image in that was made here: new layers, a manifest, a configuration. */
  public ImageIntake intake() throws IOException {
    return new ImageIntake(this, Staging.create(layout.tmp()));
  }

  /** What there is, how large it is, and how much of that nobody needs. */
  public StoreUsage usage(ImageUsers users) throws IOException {
    return StoreUsage.of(layout, records, users);
  }

  /**
   * Lets {@code name} mean the image that {@code text} finds; what it meant before keeps its other
   * names, or has none.
   */
  public StoredImage tag(String text, ImageName name) throws IOException {
    return tags().tag(text, name);
  }

  /**
   * Takes names away from an image, which stays even without any.
   *
   * @param given all of its names where none are given; NOT_FOUND where one is not this image's
   * @return the names that are gone
   */
  public List<ImageName> untag(String text, List<ImageName> given) throws IOException {
    return tags().untag(text, given);
  }

  /**
   * Takes away the name {@code text}, and with its last name the image, and the layers and blobs
   * that nothing else has.
   *
   * @param force also where something uses the image, which is then out of sight at once and gone
   *     when that has ended ({@link #collectGarbage}); and all names of one found by digest
   * @throws ImageException IN_USE where {@code force} is needed, NOT_FOUND
   */
  public Removal remove(String text, boolean force, ImageUsers users) throws IOException {
    return tags().remove(text, force, users);
  }

  private ImageTags tags() {
    return new ImageTags(layout, records, names, finder);
  }

  /**
   * Takes away layers and blobs that no image has, and images that were removed while something
   * stood on them and that is over. What interrupted runs left went when the store was opened.
   *
   * @param unnamed also images without names that nobody uses
   * @param dryRun only tells
   */
  public Garbage collectGarbage(boolean unnamed, boolean dryRun, ImageUsers users)
      throws IOException {
    return new GarbageCollector(layout, records, names).run(unnamed, dryRun, users);
  }

  /**
   * Compares everything with its digest; changes nothing.
   *
   * @param progress told what is read next, in words
   */
  public Verification verify(Consumer<String> progress) throws IOException {
    return new StoreVerifier(layout, records, limits, Optional.empty(), progress).run();
  }

  /** As {@link #verify}, and unpacks damaged layers again, from blobs that are not. */
  public Verification repair(ImageUsers users, Consumer<String> progress) throws IOException {
    return new StoreVerifier(layout, records, limits, Optional.of(users), progress).run();
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
}
