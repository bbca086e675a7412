package dev.lamina.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A program {@code docker-credential-NAME} that keeps credentials: it is given a server on standard
 * input and answers in JSON (docker-credential-helpers).
 */
final class CredentialHelper {
  private static final int ANSWER_LIMIT = 64 << 10;
  private static final int PATIENCE_SECONDS = 30;

  /** What all helpers say where they know nothing. */
  private static final String UNKNOWN = "credentials not found";

  /** Instead of a user: what follows is an identity token. */
  private static final String TOKEN_USER = "<token>";

  private final String program;
  private final Environment environment;

  CredentialHelper(String name, Environment environment) throws ImageException {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
      throw new ImageException(
          ImageException.Kind.MALFORMED,
          "\"" + Json.printable(name) + "\" is no name of a credential helper");
    }
    this.program = "docker-credential-" + name;
    this.environment = environment;
  }

  /** What it keeps for a server; empty where it keeps nothing. */
  Optional<Credentials> get(String server) throws ImageException {
    byte[] answer;
    int status;
    try {
      Process process =
          new ProcessBuilder(find(), "get").redirectError(ProcessBuilder.Redirect.DISCARD).start();
      // One that hangs keeps its output open, too.
      CompletableFuture<Void> limit =
          CompletableFuture.runAsync(
              process::destroyForcibly,
              CompletableFuture.delayedExecutor(PATIENCE_SECONDS, TimeUnit.SECONDS));
      try {
        ask(process, server);
        answer = process.getInputStream().readNBytes(ANSWER_LIMIT);
        status = process.waitFor();
      } finally {
        limit.cancel(false);
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new ImageException(
          ImageException.Kind.DENIED, program + " cannot be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageException(ImageException.Kind.INTERRUPTED, "interrupted", e);
    }
    return status == 0 ? parse(answer) : unknown(answer);
  }

  private static void ask(Process process, String server) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(server.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It answers without having been asked; what, is seen in any case.
    }
  }

  /** In the PATH of whoever asked, which is not that of a process that serves many. */
  private String find() {
    for (String directory : environment.variable("PATH").orElse("").split(":", -1)) {
      Path file = Path.of(directory, program);
      if (!directory.isEmpty() && Files.isExecutable(file)) {
        return file.toString();
      }
    }
    return program;
  }

  private Optional<Credentials> unknown(byte[] answer) throws ImageException {
    String said = new String(answer, StandardCharsets.UTF_8).strip();
    if (said.contains(UNKNOWN)) {
      return Optional.empty();
    }
    throw failure(said.isEmpty() ? "failed" : "failed: " + Json.printable(said));
  }

  private Optional<Credentials> parse(byte[] answer) throws ImageException {
    JsonNode tree;
    try {
      tree = Json.readTree(answer, program);
    } catch (ImageException e) {
      throw failure("did not answer in JSON");
    }
    String user = tree.path("Username").asText("");
    String secret = tree.path("Secret").asText("");
    if (user.equals(TOKEN_USER)) {
      return Optional.of(new Credentials(user, "", Optional.of(secret)));
    }
    return user.isEmpty() && secret.isEmpty()
        ? Optional.empty()
        : Optional.of(Credentials.of(user, secret));
  }

  private ImageException failure(String problem) {
    return new ImageException(ImageException.Kind.DENIED, program + " " + problem);
  }
}
