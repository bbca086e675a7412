package dev.lamina.registry;

import dev.lamina.image.ImageException;
import dev.lamina.image.ImageName;
import dev.lamina.image.Json;
import java.util.Optional;

/** Makes places of what settings and options name. */
final class Places {
  private Places() {}

  /**
   * A repository of a host.
   *
   * @param verify what was said of certificates; without a word, they count except on this host
   */
  static Place of(String host, String repository, Optional<Boolean> verify, boolean mirror) {
    return new Place(host, repository, verify.orElseGet(() -> !Place.isLoopback(host)), mirror);
  }

  /** Reads {@code host[:port]/repository}. */
  static Place parse(String name, Optional<Boolean> verify, boolean mirror) throws ImageException {
    int slash = name.indexOf('/');
    if (slash <= 0 || ImageName.tryParse(name + ":x").isEmpty()) {
      throw new ImageException(
          ImageException.Kind.MALFORMED,
          "\"" + Json.printable(name) + "\" is no place of a registry (host[:port]/repository)");
    }
    return of(name.substring(0, slash), name.substring(slash + 1), verify, mirror);
  }
}
