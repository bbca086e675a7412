package dev.lamina.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lamina.fixtures.registry.TestRegistry;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import dev.lamina.image.LayerBlob;
import dev.lamina.image.Platform;
import dev.lamina.image.VerifyingInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Somebody who uses registries, at home in a directory of the test's own. */
final class Client {
  static final Platform AMD64 = new Platform("linux", "amd64", null);
  static final int RETRIES = 3;

  private final Map<String, String> variables = new HashMap<>();
  private final List<String> mirrors = new ArrayList<>();
  private Optional<String> credentials = Optional.empty();
  private Optional<Path> authFile = Optional.empty();
  private Optional<Boolean> verify = Optional.empty();

  Client(Path home) throws IOException {
    variables.put("HOME", home.toString());
    // Not what this host's administrator wants of registries.
    Path conf = home.resolve("none.conf");
    Files.writeString(conf, "");
    variables.put("CONTAINERS_REGISTRIES_CONF", conf.toString());
  }

  Client with(String variable, Object value) {
    variables.put(variable, value.toString());
    return this;
  }

  Client without(String variable) {
    variables.remove(variable);
    return this;
  }

  Client credentials(String userAndPassword) {
    credentials = Optional.of(userAndPassword);
    return this;
  }

  Client authFile(Path file) {
    authFile = Optional.of(file);
    return this;
  }

  Client verifyTls(boolean value) {
    verify = Optional.of(value);
    return this;
  }

  Client mirror(String mirror) {
    mirrors.add(mirror);
    return this;
  }

  Environment environment() {
    return name -> Optional.ofNullable(variables.get(name)).filter(value -> !value.isEmpty());
  }

  Registries registries() {
    return new Registries(
        new RegistryOptions(
            environment(),
            authFile,
            credentials,
            verify,
            mirrors,
            new Retries(RETRIES, Duration.ofMillis(2), Duration.ofSeconds(2))));
  }

  /** Reads a whole image and compares all of it; its id. */
  String pull(String name) throws IOException {
    return pull(name, AMD64);
  }

  String pull(String name, Platform platform) throws IOException {
    try (ImageSource source = registries().open(name, platform)) {
      for (LayerBlob layer : source.layers()) {
        try (VerifyingInputStream blob =
            new VerifyingInputStream(
                source.openLayer(layer), "layer", layer.size(), layer.digest())) {
          blob.verify();
        }
      }
      return source.id().toString();
    }
  }

  /** What is said when an image cannot be pulled. */
  ImageException refused(String name) {
    return refusal(() -> pull(name));
  }

  /** Something that is to be refused in one line that holds no secret. */
  interface Attempt {
    Object run() throws IOException;
  }

  static ImageException refusal(Attempt attempt) {
    ImageException refusal = catchThrowableOfType(ImageException.class, attempt::run);
    assertThat(refusal).as("refusal").isNotNull();
    assertThat(refusal.getMessage()).doesNotContain("\n", "secret", "token-");
    return refusal;
  }

  static String name(TestRegistry registry, String rest) {
    return "docker://" + registry.host() + "/" + rest;
  }
}
