package dev.lamina.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * A file of credentials as podman, skopeo and docker keep them (containers-auth.json(5), Docker's
 * {@code config.json}): by registry, or by the start of a repository's name, itself or through the
 * helper program that it names.
 */
final class AuthFile {
  private static final int SIZE_LIMIT = 1 << 20;

  private final Path path;
  private final JsonNode content;

  private AuthFile(Path path, JsonNode content) {
    this.path = path;
    this.content = content;
  }

  static AuthFile read(Path path) throws ImageException {
    try {
      if (Files.size(path) > SIZE_LIMIT) {
        throw new ImageException(ImageException.Kind.LIMIT, path + " is too large");
      }
      byte[] document = Files.readAllBytes(path);
      if (document.length == 0) {
        document = "{}".getBytes(StandardCharsets.US_ASCII);
      }
      // What is wrong with it is not told in detail: that would be part of a secret.
      return new AuthFile(path, Json.readTree(document, path.toString()));
    } catch (ImageException e) {
      throw new ImageException(e.kind(), path + " is no file of credentials", e);
    } catch (IOException e) {
      throw ImageException.host("reading " + path, e);
    }
  }

  /** The credentials of the longest of {@code keys} (they come in that order) that it knows. */
  Optional<Credentials> find(List<String> keys, Environment environment) throws ImageException {
    String host = keys.get(keys.size() - 1);
    JsonNode auths = content.path("auths");
    for (String key : keys) {
      Optional<String> helper = text(content.path("credHelpers").path(key));
      if (helper.isPresent()) {
        return new CredentialHelper(helper.get(), environment).get(server(key));
      }
      for (String written : spellings(key)) {
        Optional<Credentials> credentials = credentials(auths.path(written));
        if (credentials.isPresent()) {
          return credentials;
        }
      }
    }
    Optional<String> store = text(content.path("credsStore"));
    return store.isPresent()
        ? new CredentialHelper(store.get(), environment).get(server(host))
        : Optional.empty();
  }

  /** Docker keeps URLs where podman keeps names. */
  private static List<String> spellings(String key) {
    return key.equals(Reference.DOCKER_HUB)
        ? List.of(key, server(key), "index.docker.io", "registry-1.docker.io")
        : List.of(key, "https://" + key, "https://" + key + "/v1/", "https://" + key + "/v2/");
  }

  private static String server(String key) {
    return key.equals(Reference.DOCKER_HUB) ? "https://index.docker.io/v1/" : key;
  }

  private Optional<Credentials> credentials(JsonNode entry) throws ImageException {
    Optional<String> token = text(entry.path("identitytoken"));
    Optional<String> pair = text(entry.path("auth"));
    if (pair.isPresent()) {
      String decoded;
      try {
        decoded = new String(Base64.getDecoder().decode(pair.get()), StandardCharsets.UTF_8);
      } catch (IllegalArgumentException e) {
        throw new ImageException(
            ImageException.Kind.MALFORMED, path + " has credentials that are not in base64", e);
      }
      int colon = decoded.indexOf(':');
      if (colon >= 0) {
        // Docker once ended passwords with a NUL.
        String password = decoded.substring(colon + 1).replaceAll("\0+$", "");
        return Optional.of(new Credentials(decoded.substring(0, colon), password, token));
      }
    }
    Optional<String> user = text(entry.path("username"));
    if (user.isPresent() || token.isPresent()) {
      String password = text(entry.path("password")).orElse("");
      return Optional.of(new Credentials(user.orElse("<token>"), password, token));
    }
    return Optional.empty();
  }

  private static Optional<String> text(JsonNode node) {
    return Optional.of(node.asText("")).filter(text -> !text.isEmpty());
  }
}
