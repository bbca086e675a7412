package dev.lamina.registry;

import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageName;
import dev.lamina.image.ImageReference;
import java.util.List;
import java.util.Optional;

/**
 * An image in a registry as people write it: {@code [docker://][host[:port]/]repository[:tag]
 * [@digest]}. Without a host it is Docker Hub's, where a repository of one component belongs to
 * {@code library}; without tag and digest it is {@code latest}. Where there is a digest, it alone
 * decides.
 *
 * @param host as written, such as {@code docker.io} or {@code localhost:5000}
 * @param repository without the host
 */
record Reference(String host, String repository, Optional<String> tag, Optional<Digest> digest) {
  static final String TRANSPORT = "docker://";
  static final String DOCKER_HUB = "docker.io";
  private static final List<String> OTHER_NAMES_OF_DOCKER_HUB =
      List.of("index.docker.io", "registry-1.docker.io");
  private static final String LATEST = "latest";

  static Reference parse(String text) throws ImageException {
    String rest = text.startsWith(TRANSPORT) ? text.substring(TRANSPORT.length()) : text;
    ImageReference parsed = ImageReference.parse(rest);
    int slash = parsed.repository().indexOf('/');
    String first = slash < 0 ? "" : parsed.repository().substring(0, slash);
    boolean hosted = first.contains(".") || first.contains(":") || first.equals("localhost");
    String host = hosted ? first : DOCKER_HUB;
    String repository = hosted ? parsed.repository().substring(slash + 1) : parsed.repository();
    if (OTHER_NAMES_OF_DOCKER_HUB.contains(host)) {
      host = DOCKER_HUB;
    }
    if (host.equals(DOCKER_HUB) && !repository.contains("/")) {
      repository = "library/" + repository;
    }
    return new Reference(
        host,
        repository,
        parsed.digest().isPresent() ? parsed.tag() : parsed.tag().or(() -> Optional.of(LATEST)),
        parsed.digest());
  }

  /** What the registry is asked for: the digest, or else the tag. */
  String identifier() {
    return digest.map(Digest::toString).orElseGet(() -> tag.orElse(LATEST));
  }

  /** The name to keep the image under; empty where only a digest is given. */
  Optional<ImageName> name() {
    return tag.map(t -> new ImageName(host + "/" + repository, t));
  }

  @Override
  public String toString() {
    return host
        + "/"
        + repository
        + tag.map(t -> ":" + t).orElse("")
        + digest.map(d -> "@" + d).orElse("");
  }
}
