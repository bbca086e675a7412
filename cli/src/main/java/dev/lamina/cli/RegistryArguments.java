package dev.lamina.cli;

import dev.lamina.registry.Environment;
import dev.lamina.registry.Registries;
import dev.lamina.registry.RegistryOptions;
import dev.lamina.registry.Retries;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of all commands that talk to registries, with podman's and skopeo's names. */
final class RegistryArguments {
  @Option(
      names = "--authfile",
      paramLabel = "FILE",
      description =
          "credentials (default: $$REGISTRY_AUTH_FILE, else where podman login and docker login"
              + " put them)")
  private Path authFile;

  @Option(
      names = "--creds",
      paramLabel = "USER:PASSWORD",
      description = "credentials for the registry; other users of this host can see them")
  private String credentials;

  @Option(
      names = "--tls-verify",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "whether only HTTPS with a good certificate will do (default: true, except on this host)")
  private Boolean verifyTls;

  @Option(
      names = "--retry",
      paramLabel = "N",
      defaultValue = "5",
      description = "how often to try again what may pass (default: ${DEFAULT-VALUE})")
  private int retries;

  /** Registries as these options, and the caller's environment, say. */
  Registries registries(Invocation invocation, List<String> mirrors) throws CommandFailure {
    if (retries < 0) {
      throw new CommandFailure(ExitStatus.USAGE, "--retry is a number of times, not " + retries);
    }
    if (credentials != null && credentials.indexOf(':') <= 0) {
      throw new CommandFailure(ExitStatus.USAGE, "--creds is written USER:PASSWORD");
    }
    Optional<Path> file = Optional.ofNullable(authFile).map(invocation::path);
    if (file.isPresent() && !Files.exists(file.get())) {
      throw new CommandFailure(ExitStatus.USAGE, "--authfile: no such file: " + authFile);
    }
    return new Registries(
        new RegistryOptions(
            environment(invocation),
            file,
            Optional.ofNullable(credentials),
            Optional.ofNullable(verifyTls),
            mirrors,
            Retries.of(retries)));
  }

  /** Without any option. */
  static Registries usual(Invocation invocation) {
    return new Registries(RegistryOptions.of(environment(invocation)));
  }

  private static Environment environment(Invocation invocation) {
    return invocation::variable;
  }
}
