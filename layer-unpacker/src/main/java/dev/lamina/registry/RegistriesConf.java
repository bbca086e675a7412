package dev.lamina.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What containers-registries.conf(5) says of places: {@code [[registry]]} with {@code prefix},
 * {@code location}, {@code insecure}, {@code blocked} and {@code mirror}. Of the files there, the
 * user's own or the system's, with their drop-in directories; a later one replaces a registry of
 * the same prefix.
 */
final class RegistriesConf {
  private static final Path SYSTEM = Path.of("/etc/containers/registries.conf");

  private final Map<String, Registry> registries = new LinkedHashMap<>();

  /** One {@code [[registry]]}, or a mirror of one (then without mirrors). */
  private record Registry(
      String prefix,
      String location,
      boolean insecure,
      boolean blocked,
      String pullFrom,
      List<Registry> mirrors) {
    /** Whether this is about {@code host/repository}: by whole components. */
    boolean matches(String name) {
      if (prefix.startsWith("*.")) {
        String host = name.substring(0, name.indexOf('/'));
        return host.endsWith(prefix.substring(1));
      }
      return name.equals(prefix) || name.startsWith(prefix + "/");
    }
  }

  private RegistriesConf() {}

  /** Reads the files that concern a user. */
  static RegistriesConf read(Environment environment) throws ImageException {
    RegistriesConf conf = new RegistriesConf();
    Optional<String> named = environment.variable("CONTAINERS_REGISTRIES_CONF");
    Path user = environment.configuration().resolve("containers/registries.conf");
    if (named.isPresent()) {
      conf.add(Path.of(named.get()));
      return conf;
    }
    conf.add(Files.exists(user) ? user : SYSTEM);
    conf.addAll(Path.of(SYSTEM + ".d"));
    conf.addAll(Path.of(user + ".d"));
    return conf;
  }

  private void addAll(Path directory) throws ImageException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".conf")).sorted().toList()) {
        add(file);
      }
    } catch (IOException e) {
      throw ImageException.host("reading " + directory, e);
    }
  }

  private void add(Path file) throws ImageException {
    if (!Files.isReadable(file)) {
      return;
    }
    JsonNode content;
    try {
      content = new TomlMapper().readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      String problem = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new ImageException(
          ImageException.Kind.MALFORMED, file + " is not valid: " + Json.printable(problem), e);
    }
    for (JsonNode entry : content.path("registry")) {
      Registry registry = registry(entry);
      if (!registry.prefix.isEmpty()) {
        registries.put(registry.prefix, registry);
      }
    }
  }

  private static Registry registry(JsonNode entry) {
    List<Registry> mirrors = new ArrayList<>();
    entry.path("mirror").forEach(mirror -> mirrors.add(registry(mirror)));
    String location = entry.path("location").asText("");
    String prefix = entry.path("prefix").asText(location);
    return new Registry(
        prefix,
        location,
        entry.path("insecure").asBoolean(false),
        entry.path("blocked").asBoolean(false),
        entry.path("pull-from-mirror").asText("all"),
        mirrors);
  }

  /**
   * Where to ask for an image, mirrors first, the registry itself last.
   *
   * @param verify the user's own word on whether certificates have to be good, if he said one
   */
  List<Place> places(Reference reference, Optional<Boolean> verify) throws ImageException {
    String name = reference.host() + "/" + reference.repository();
    Optional<Registry> found =
        registries.values().stream()
            .filter(registry -> registry.matches(name))
            .max(Comparator.comparingInt(registry -> registry.prefix.length()));
    if (found.isEmpty()) {
      return List.of(Places.of(reference.host(), reference.repository(), verify, false));
    }
    Registry registry = found.get();
    if (registry.blocked) {
      throw new ImageException(
          ImageException.Kind.REFUSED, name + " is blocked by containers' registries.conf");
    }
    List<Place> places = new ArrayList<>();
    for (Registry mirror : registry.mirrors) {
      boolean wanted =
          switch (mirror.pullFrom) {
            case "digest-only" -> reference.digest().isPresent();
            case "tag-only" -> reference.digest().isEmpty();
            default -> true;
          };
      if (wanted && !mirror.location.isEmpty()) {
        places.add(moved(registry, mirror, name, verify, true));
      }
    }
    places.add(moved(registry, registry, name, verify, false));
    return places;
  }

  /** The name with its prefix replaced by a location. */
  private static Place moved(
      Registry registry, Registry to, String name, Optional<Boolean> verify, boolean mirror)
      throws ImageException {
    boolean wildcard = registry.prefix.startsWith("*.");
    String location = to.location.isEmpty() && !wildcard ? registry.prefix : to.location;
    String rest =
        wildcard ? name.substring(name.indexOf('/')) : name.substring(registry.prefix.length());
    String moved = location.isEmpty() ? name : location + rest;
    return Places.parse(moved, verify.or(() -> to.insecure ? Optional.of(false) : verify), mirror);
  }
}
