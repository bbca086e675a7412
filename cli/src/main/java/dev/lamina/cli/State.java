package dev.lamina.cli;

import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.ImageSources;
import dev.lamina.image.Platform;
import dev.lamina.layer.UnpackLimits;
import dev.lamina.linux.UserNamespace;
import dev.lamina.store.BlobPolicy;
import dev.lamina.store.ImageStore;
import dev.lamina.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What the commands keep on disk: the image store and the containers' writable layers. */
final class State {
  /** As {@link Registries#TRANSPORT}, which is not to be loaded for it. */
  private static final String REGISTRY = "docker://";

  private static final List<String> TRANSPORTS =
      List.of("oci:", "oci-archive:", "docker-archive:", REGISTRY);

  private final ImageStore store;
  private final Containers containers;
  private final Invocation invocation;

  private State(ImageStore store, Invocation invocation) {
    this.store = store;
    this.invocation = invocation;
    this.containers = new Containers(store.containers());
  }

  /** Opens the state below {@code root}, made where there is none. */
  static State open(Path root, Invocation invocation) throws IOException {
    return open(root, invocation, UnpackLimits.DEFAULT);
  }

  /** The same, for one that unpacks with other limits than the usual. */
  static State open(Path root, Invocation invocation, UnpackLimits limits) throws IOException {
    return new State(ImageStore.open(root, limits), invocation);
  }

  /** Where state is kept unless the user says otherwise. */
  static Path usualRoot(Invocation invocation) {
    Optional<String> named = invocation.variable("LAMINA_ROOT");
    if (named.isPresent()) {
      return invocation.path(Path.of(named.get()));
    }
    if (UserNamespace.isHostRoot()) {
      return Path.of("/var/lib/lamina");
    }
    return invocation
        .variable("XDG_DATA_HOME")
        .map(data -> invocation.path(Path.of(data, "lamina")))
        .orElseGet(() -> home(invocation).resolve(".local/share/lamina"));
  }

  /** As a shell finds it. */
  private static Path home(Invocation invocation) {
    return invocation
        .variable("HOME")
        .map(Path::of)
        .map(invocation::path)
        .orElseGet(() -> Path.of(System.getProperty("user.home")));
  }

  ImageStore store() {
    return store;
  }

  Containers containers() {
    return containers;
  }

  /**
   * The image a user named: unpacked from a file or directory, unless the store has its layers, or
   * found in the store by name or id.
   *
   * @param platform null where the user named none
   */
  StoredImage image(String text, Platform platform) throws IOException, CommandFailure {
    return image(text, found -> found, place -> unpack(place, platform));
  }

  /** How one gets the image that was found. */
  interface Getting<T> {
    StoredImage get(T found) throws IOException;
  }

  /**
   * As above.
   *
   * @param stored for one of the store
   * @param elsewhere for one that {@code text} says the place of
   */
  StoredImage image(String text, Getting<StoredImage> stored, Getting<String> elsewhere)
      throws IOException, CommandFailure {
    Optional<StoredImage> found = store.find(text);
    if (isSource(text)) {
      try {
        return elsewhere.get(text);
      } catch (ImageException e) {
        // An image may be called "oci:v1" in the store.
        if (e.kind() == ImageException.Kind.NOT_FOUND && found.isPresent()) {
          return stored.get(found.get());
        }
        throw e;
      }
    }
    if (found.isPresent()) {
      return stored.get(found.get());
    }
    if (Files.exists(Path.of(text))) {
      return elsewhere.get(text);
    }
    throw unknown(text);
  }

  /** The image that is in the store by a name that cannot mean anything else; else empty. */
  Optional<StoredImage> storedImage(String text) throws IOException {
    return isSource(text) ? Optional.empty() : store.find(text);
  }

  /** Whether an image's name can only mean a file or directory. */
  static boolean isSource(String text) {
    return TRANSPORTS.stream().anyMatch(text::startsWith)
        || text.startsWith("/")
        || text.startsWith("./")
        || text.startsWith("../");
  }

  /** As below, blobs kept. */
  StoredImage unpack(String text, Platform platform) throws IOException {
    return unpack(text, platform, BlobPolicy.KEEP);
  }

  /**
   * Unpacks an image from where {@code text} says, showing progress on standard error.
   *
   * @param platform null where the user named none: this host's, if there is a choice
   */
  StoredImage unpack(String text, Platform platform, BlobPolicy policy) throws IOException {
    try (ImageSource source = source(text, platform)) {
      return unpack(source, policy, false);
    }
  }

  /** The same of an image that is open. */
  StoredImage unpack(ImageSource source, BlobPolicy policy, boolean quiet) throws IOException {
    try (UnpackProgress progress = UnpackProgress.ofUnpacking(source.layers(), quiet)) {
      return store.unpack(source, policy, progress);
    }
  }

  /**
   * An image to copy from: of the store, or from where {@code text} says.
   *
   * @param platform null where the user named none
   */
  ImageSource sourceToCopy(String text, Platform platform) throws IOException, CommandFailure {
    Optional<StoredImage> found = store.find(text);
    if (isSource(text)) {
      try {
        return source(text, platform);
      } catch (ImageException e) {
        // As above.
        if (e.kind() == ImageException.Kind.NOT_FOUND && found.isPresent()) {
          return store.source(found.get());
        }
        throw e;
      }
    }
    if (found.isPresent()) {
      return store.source(found.get());
    }
    if (Files.exists(Path.of(text))) {
      return source(text, platform);
    }
    throw unknown(text);
  }

  private static CommandFailure unknown(String text) {
    return new CommandFailure(
        ExitStatus.NOT_FOUND,
        "no image \"" + text + "\" in the store, and no file of that name (see lamina images)");
  }

  /**
   * Opens an image where {@code text} says: a file, a directory or a registry.
   *
   * @param platform null where the user named none
   */
  ImageSource source(String text, Platform platform) throws IOException {
    Platform wanted = platform == null ? Platform.host() : platform;
    return Platforms.checked(
        text.startsWith(REGISTRY)
            ? RegistryArguments.usual(invocation).open(text, wanted)
            : ImageSources.open(text, wanted),
        platform);
  }

  /** The image that a container was made from. */
  StoredImage imageOf(Container container) throws IOException, CommandFailure {
    try {
      return store
          .find(container.image())
          .orElseThrow(
              () ->
                  new CommandFailure(
                      ExitStatus.NOT_FOUND,
                      "image "
                          + container.image()
                          + " of container "
                          + container.name()
                          + " is not in the store any more; unpack it again"));
    } catch (ImageException e) {
      throw e.about("container " + container.name());
    }
  }
}
