package dev.lamina.registry;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;

/**
 * What a token server answers; {@code token} and OAuth's {@code access_token} mean the same.
 *
 * @param expiresIn seconds; 0 where nothing is said
 */
record TokenReply(
    String token,
    @JsonProperty("access_token") String accessToken,
    @JsonProperty("expires_in") long expiresIn) {
  /** The token, if there is one that can stand in a header. */
  Optional<String> value() {
    return Optional.ofNullable(token == null || token.isEmpty() ? accessToken : token)
        .filter(value -> value.matches("[\\x21-\\x7e]+"));
  }
}
