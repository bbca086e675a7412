package dev.lamina.registry;

import dev.lamina.image.ImageException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * Who somebody is to a registry. Never part of a message: {@link #toString} hides the secret.
 *
 * @param identityToken instead of a password: exchanged for access tokens (OAuth 2 refresh token)
 */
record Credentials(String user, String password, Optional<String> identityToken) {
  static Credentials of(String user, String password) {
    return new Credentials(user, password, Optional.empty());
  }

  /** Reads {@code USER:PASSWORD}; the password may hold colons. */
  static Credentials parse(String text) throws ImageException {
    int colon = text.indexOf(':');
    if (colon <= 0) {
      throw new ImageException(
          ImageException.Kind.MALFORMED, "credentials are written USER:PASSWORD");
    }
    return of(text.substring(0, colon), text.substring(colon + 1));
  }

  /** As a header of HTTP basic authentication (RFC 7617). */
  String basic() {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  @Override
  public String toString() {
    return "credentials of " + user;
  }
}
