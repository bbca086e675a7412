package dev.lamina.registry;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageName;
import dev.lamina.image.ImageSource;
import dev.lamina.image.OciImage;
import dev.lamina.image.Platform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images in registries: the public face of this package.
 *
 * <pre>{@code
 * Registries registries = new Registries(RegistryOptions.of(Environment.ofProcess()));
 * try (ImageSource source = registries.open("docker://debian:12", Platform.host())) {
 *   store.unpack(source, ProgressListener.NONE);
 * }
 * }</pre>
 */
public final class Registries {
  /** What stands before the name of an image that is in a registry. */
  public static final String TRANSPORT = Reference.TRANSPORT;

  private static final Logger LOG = LoggerFactory.getLogger(Registries.class);

  private final RegistryOptions options;
  private final AuthFiles authFiles;

  /** Talks to registries as {@code options} say. Nothing is asked yet. */
  public Registries(RegistryOptions options) {
    this.options = options;
    this.authFiles = new AuthFiles(options.authFile(), options.environment());
  }

  /**
   * Opens an image: its manifest and configuration are there and verified, its layers are
   * downloaded as they are read.
   *
   * @param name {@code [docker://][host[:port]/]repository[:tag][@digest]}
   * @param platform chooses from an index
   * @return the caller closes it
   */
  public ImageSource open(String name, Platform platform) throws ImageException {
    Reference reference = Reference.parse(name);
    List<Repository> places = new ArrayList<>();
    for (Place place : placesOf(reference)) {
      places.add(repository(place));
    }
    try {
      return open(reference, places, platform);
    } catch (IOException e) {
      throw ImageException.host("reading " + reference, e);
    }
  }

  /** The first place that has the image; what the last one says if none has. */
  private static ImageSource open(Reference reference, List<Repository> places, Platform platform)
      throws IOException {
    for (int i = 0; ; i++) {
      Repository place = places.get(i);
      try {
        Repository.Document top = place.manifest(reference.identifier());
        RegistryFiles files =
            new RegistryFiles(place.place().toString(), places.subList(i, places.size()), top);
        List<ImageName> names = reference.name().map(List::of).orElse(List.of());
        return OciImage.open(
            files, top.descriptor(), platform, Reference.TRANSPORT + reference, names);
      } catch (ImageException e) {
        if (i == places.size() - 1 || e.kind() == ImageException.Kind.INTERRUPTED) {
          throw e;
        }
        LOG.warn("{}; the next place is asked", e.getMessage());
      }
    }
  }

  /**
   * Pushes an image. What the registry has already is not sent again; a layer that {@code source}
   * cannot give and the registry lacks goes as {@link ImageSource#complete} has it, and the image
   * then has another digest.
   *
   * @param name as for {@link #open}, with a tag or a digest that must be the image's own
   * @param related names or repositories of the same registry that may have layers of the image
   * @param scratch where layers are compressed that have to be; what is made there is deleted
   * @return the digest of the manifest, by which the image can be had from now on
   */
  public Digest push(
      ImageSource source, String name, List<String> related, Path scratch, PushListener listener)
      throws ImageException {
    Reference reference = Reference.parse(name);
    try {
      Repository repository = repository(placeOf(reference));
      if (source.manifestBytes().isEmpty()) {
        // Before everything is compressed: does the registry let us in?
        LOG.debug("{}: has configuration: {}", repository.place(), repository.has(source.id()));
      }
      List<String> others = others(reference, source.names(), related);
      ImageSource readable = ImagePush.readable(source, repository, others);
      try (PushPlan plan = PushPlan.of(readable, scratch)) {
        Digest digest = Digest.sha256(plan.manifest());
        if (reference.digest().isPresent() && !reference.digest().get().equals(digest)) {
          throw new ImageException(
              ImageException.Kind.MISMATCH,
              source.name() + " has the digest " + digest + ", not " + reference.digest().get());
        }
        return new ImagePush(readable, plan, repository, others, listener)
            .run(reference.identifier());
      }
    } catch (IOException e) {
      throw ImageException.host("pushing " + source.name() + " to " + reference, e);
    }
  }

  /** Repositories beside the one that is pushed to, of the same registry. */
  private static List<String> others(
      Reference reference, List<ImageName> names, List<String> related) throws ImageException {
    List<String> others = new ArrayList<>();
    for (String name : related) {
      // A user may leave the registry away; Docker Hub's name would be there otherwise.
      Reference other = Reference.parse(name);
      boolean bare = other.host().equals(Reference.DOCKER_HUB) && !name.contains("docker.io/");
      Reference meant = bare ? Reference.parse(reference.host() + "/" + name) : other;
      others.add(meant.host() + "/" + meant.repository());
    }
    names.forEach(name -> others.add(name.repository()));
    String registry = reference.host() + "/";
    return others.stream()
        .filter(name -> name.startsWith(registry))
        .map(name -> name.substring(registry.length()))
        .filter(repository -> !repository.equals(reference.repository()))
        .distinct()
        .toList();
  }

  private List<Place> placesOf(Reference reference) throws ImageException {
    List<Place> places = new ArrayList<>();
    for (String mirror : options.mirrors()) {
      String location = mirror.replaceFirst("/+$", "") + "/" + reference.repository();
      places.add(Places.parse(location, options.verifyTls(), true));
    }
    places.addAll(
        RegistriesConf.read(options.environment()).places(reference, options.verifyTls()));
    return places;
  }

  /** Where an image is pushed to: never a mirror. */
  private Place placeOf(Reference reference) throws ImageException {
    List<Place> places =
        RegistriesConf.read(options.environment()).places(reference, options.verifyTls());
    return places.get(places.size() - 1);
  }

  private Repository repository(Place place) throws ImageException {
    Optional<String> given = place.mirror() ? Optional.empty() : options.credentials();
    Optional<Credentials> credentials =
        given.isPresent() ? Optional.of(Credentials.parse(given.get())) : authFiles.find(place);
    Wire wire = Wire.to(place, options.environment());
    return new Repository(new Exchange(place, wire, options.retries(), credentials));
  }
}
