package dev.lamina.registry;

import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * One request, which may have to be sent more than once.
 *
 * @param body made anew each time it is sent
 * @param timeout until the response begins, the sending of the body included
 * @param scopes what a token for it has to allow
 */
record Ask(
    String method,
    URI uri,
    Map<String, String> headers,
    Supplier<BodyPublisher> body,
    Duration timeout,
    List<String> scopes) {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Slower than this, in bytes a second, nothing is sent. */
  private static final long SLOWEST = 16 << 10;

  static Ask of(String method, URI uri, List<String> scopes) {
    return new Ask(method, uri, Map.of(), BodyPublishers::noBody, PATIENCE, scopes);
  }

  Ask header(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Ask(method, uri, more, body, timeout, scopes);
  }

  /** The same with a body of {@code size} bytes. */
  Ask body(String mediaType, long size, Supplier<BodyPublisher> newBody) {
    Duration limit = PATIENCE.plusSeconds(size / SLOWEST);
    return new Ask(method, uri, headers, newBody, limit, scopes).header("Content-Type", mediaType);
  }

  /** The same elsewhere. */
  Ask at(URI elsewhere) {
    return new Ask(method, elsewhere, headers, body, timeout, scopes);
  }

  /** The same by GET, without a body. */
  Ask asGet() {
    return new Ask("GET", uri, headers, BodyPublishers::noBody, timeout, scopes);
  }
}
