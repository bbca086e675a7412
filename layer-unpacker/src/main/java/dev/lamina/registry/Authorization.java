package dev.lamina.registry;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a registry is shown so that it does what it is asked: nothing until it asks, then a token of
 * the server that it names (Docker token authentication; a token for each set of scopes, renewed
 * when it expires or is refused), or name and password where it takes no tokens. Thread-safe; who
 * needs a token that another thread fetches waits for it.
 */
final class Authorization {
  private static final int REPLY_LIMIT = 1 << 20;

  /** Tokens hold for a minute at least, whatever they say. */
  private static final long SHORTEST_SECONDS = 60;

  private final Wire wire;
  private final URI registry;
  private final boolean verify;
  private final Optional<Credentials> credentials;

  @GuardedBy("this")
  private Challenge bearer;

  @GuardedBy("this")
  private boolean basic;

  @GuardedBy("this")
  private final Map<List<String>, Token> tokens = new HashMap<>();

  /** Scopes that the registry asked for itself, by those that were thought to do. */
  @GuardedBy("this")
  private final Map<List<String>, Set<String>> asked = new HashMap<>();

  private record Token(String header, long expires) {
    boolean isExpired() {
      return System.nanoTime() - expires > 0;
    }
  }

  Authorization(Wire wire, URI registry, boolean verify, Optional<Credentials> credentials) {
    this.wire = wire;
    this.registry = registry;
    this.verify = verify;
    this.credentials = credentials;
  }

  /** The header for a request that needs {@code scopes}; empty where none was asked for. */
  synchronized Optional<String> header(List<String> scopes) throws IOException {
    if (basic) {
      return credentials.map(Credentials::basic);
    }
    if (bearer == null || scopes.isEmpty()) {
      return Optional.empty();
    }
    Token token = tokens.get(scopes);
    if (token == null || token.isExpired()) {
      token = fetchWithLock(scopes);
      tokens.put(scopes, token);
    }
    return Optional.of(token.header);
  }

  /** Takes in what the registry asks for at its door, so that the first request has it already. */
  synchronized void greeted(HttpHeaders headers) {
    challenged(headers, List.of(), Optional.empty());
  }

  /**
   * Takes in what a refusal asks for.
   *
   * @param refused the header that did not do
   * @return whether {@link #header} now gives something that may
   */
  synchronized boolean challenged(
      HttpHeaders headers, List<String> scopes, Optional<String> refused) {
    List<Challenge> challenges = Challenge.parse(headers.allValues("WWW-Authenticate"));
    for (Challenge challenge : challenges) {
      if (challenge.scheme().equals("bearer") && challenge.parameter("realm").isPresent()) {
        bearer = challenge;
        basic = false;
        Token token = tokens.get(scopes);
        if (token != null && Optional.of(token.header).equals(refused)) {
          tokens.remove(scopes);
        }
        challenge
            .parameter("scope")
            .ifPresent(s -> asked.put(scopes, new LinkedHashSet<>(List.of(s.split(" ", -1)))));
        return true;
      }
    }
    boolean takesBasic = challenges.stream().anyMatch(c -> c.scheme().equals("basic"));
    if (takesBasic && credentials.isPresent() && !(basic && refused.isPresent())) {
      basic = true;
      return true;
    }
    return false;
  }

  @GuardedBy("this")
  private Token fetchWithLock(List<String> scopes) throws IOException {
    URI realm = Wire.resolve(registry, bearer.parameter("realm").orElseThrow());
    if (verify && Wire.isSecure(registry) && !Wire.isSecure(realm)) {
      throw new ImageException(
          ImageException.Kind.REFUSED,
          registry.getAuthority() + " names a token server without HTTPS, " + realm.getAuthority());
    }
    Set<String> wanted = new LinkedHashSet<>(scopes);
    wanted.addAll(asked.getOrDefault(scopes, Set.of()));
    Optional<String> identity = credentials.flatMap(Credentials::identityToken);
    HttpResponse<InputStream> response =
        identity.isPresent() ? exchange(realm, wanted, identity.get()) : request(realm, wanted);
    int status = response.statusCode();
    if (Retries.isPassing(status)) {
      Wire.discard(response);
      throw new PassingFailure(
          "the token server " + realm.getAuthority() + ": HTTP " + status, response.headers());
    }
    if (status != 200) {
      String who = credentials.map(c -> " with " + c).orElse("");
      throw Refusal.of(registry.getAuthority(), "token of " + realm.getAuthority() + who, response);
    }
    String what = "the token of " + realm.getAuthority();
    TokenReply reply = Json.read(Wire.read(response, REPLY_LIMIT), TokenReply.class, what);
    String value =
        reply
            .value()
            .orElseThrow(
                () -> new ImageException(ImageException.Kind.MALFORMED, what + " is none"));
    long seconds = Math.max(SHORTEST_SECONDS, Math.min(reply.expiresIn(), 86_400));
    // A bit before its time: it has to arrive.
    long expires = System.nanoTime() + Duration.ofSeconds(seconds).toNanos() * 9 / 10;
    return new Token("Bearer " + value, expires);
  }

  @GuardedBy("this")
  private HttpResponse<InputStream> request(URI realm, Set<String> scopes) throws IOException {
    List<String> query = fieldsWithLock();
    scopes.forEach(scope -> query.add(field("scope", scope)));
    credentials.ifPresent(c -> query.add(field("account", c.user())));
    String separator = realm.getRawQuery() == null ? "?" : "&";
    URI uri = URI.create(realm + separator + String.join("&", query));
    return wire.send(Ask.of("GET", uri, List.of()), realm, credentials.map(Credentials::basic));
  }

  /** OAuth 2: a refresh token for an access token. */
  @GuardedBy("this")
  private HttpResponse<InputStream> exchange(URI realm, Set<String> scopes, String identity)
      throws IOException {
    List<String> form = fieldsWithLock();
    form.add(field("grant_type", "refresh_token"));
    form.add(field("client_id", "lamina"));
    form.add(field("refresh_token", identity));
    form.add(field("scope", String.join(" ", scopes)));
    byte[] body = String.join("&", form).getBytes(StandardCharsets.US_ASCII);
    Ask ask =
        Ask.of("POST", realm, List.of())
            .body(
                "application/x-www-form-urlencoded",
                body.length,
                () -> BodyPublishers.ofByteArray(body));
    return wire.send(ask, realm, Optional.empty());
  }

  @GuardedBy("this")
  private List<String> fieldsWithLock() {
    List<String> fields = new ArrayList<>();
    bearer.parameter("service").ifPresent(service -> fields.add(field("service", service)));
    return fields;
  }

  private static String field(String name, String value) {
    return name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
