package dev.lamina.registry;

import dev.lamina.image.ImageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where credentials are looked for: in the file that the user named, and nowhere else then; or
 * where {@code podman login} and {@code docker login} put them, the first that knows the registry.
 */
final class AuthFiles {
  private final Optional<Path> named;
  private final Environment environment;

  /**
   * Credentials of a user.
   *
   * @param option a file that the command line names
   */
  AuthFiles(Optional<Path> option, Environment environment) {
    this.named = option.or(() -> environment.variable("REGISTRY_AUTH_FILE").map(Path::of));
    this.environment = environment;
  }

  Optional<Credentials> find(Place place) throws ImageException {
    List<String> keys = keys(place);
    if (named.isPresent()) {
      return AuthFile.read(named.get()).find(keys, environment);
    }
    for (Path path : usual()) {
      if (Files.isReadable(path)) {
        Optional<Credentials> credentials = AuthFile.read(path).find(keys, environment);
        if (credentials.isPresent()) {
          return credentials;
        }
      }
    }
    return Optional.empty();
  }

  private List<Path> usual() {
    List<Path> paths = new ArrayList<>();
    environment
        .variable("XDG_RUNTIME_DIR")
        .ifPresent(runtime -> paths.add(Path.of(runtime, "containers/auth.json")));
    paths.add(environment.configuration().resolve("containers/auth.json"));
    paths.add(
        environment
            .variable("DOCKER_CONFIG")
            .map(Path::of)
            .orElseGet(() -> environment.home().resolve(".docker"))
            .resolve("config.json"));
    return paths;
  }

  /** {@code host/a/b}, {@code host/a}, {@code host}. */
  private static List<String> keys(Place place) {
    List<String> keys = new ArrayList<>();
    String key = place.toString();
    for (int end = key.length(); end > 0; end = key.lastIndexOf('/', end - 1)) {
      keys.add(key.substring(0, end));
    }
    return keys;
  }
}
