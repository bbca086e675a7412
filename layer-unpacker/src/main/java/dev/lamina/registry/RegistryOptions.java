package dev.lamina.registry;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How somebody wants to talk to registries.
 *
 * @param environment his
 * @param authFile his credentials; without it they are looked for where podman and docker keep them
 * @param credentials {@code USER:PASSWORD} for the registry he names, and for none of its mirrors
 * @param verifyTls whether certificates have to be good and HTTP is out of the question; without a
 *     word so, except on this host
 * @param mirrors {@code host[:port][/path]}, asked before the registry itself
 * @param retries of what may pass
 */
public record RegistryOptions(
    Environment environment,
    Optional<Path> authFile,
    Optional<String> credentials,
    Optional<Boolean> verifyTls,
    List<String> mirrors,
    Retries retries) {
  public RegistryOptions {
    mirrors = List.copyOf(mirrors);
  }

  /** What nobody said anything about. */
  public static RegistryOptions of(Environment environment) {
    return new RegistryOptions(
        environment,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Retries.DEFAULT);
  }
}
