package dev.lamina.registry;

import java.nio.file.Path;
import java.util.Optional;

/** What is around the user of a registry; the daemon's clients each have their own. */
public interface Environment {
  /** This process's own. */
  static Environment ofProcess() {
    return name -> Optional.ofNullable(System.getenv(name)).filter(value -> !value.isEmpty());
  }

  /** A variable that is set to anything. */
  Optional<String> variable(String name);

  /** The user's home directory. */
  default Path home() {
    return Path.of(variable("HOME").orElseGet(() -> System.getProperty("user.home")));
  }

  /** Where the user's programs keep their settings. */
  default Path configuration() {
    return variable("XDG_CONFIG_HOME").map(Path::of).orElseGet(() -> home().resolve(".config"));
  }
}
