package dev.lamina.registry;

import dev.lamina.image.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Sends requests and follows redirects itself, since what may be shown to whom is decided here: an
 * authorization goes to the origin (scheme, host and port) it is meant for and to no other, however
 * a server redirects (CVE-2020-15157), and nothing that began encrypted goes on in the clear.
 */
final class Wire {
  private static final int REDIRECTS_LIMIT = 10;
  private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(20);
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final String AGENT = "lamina";

  private final HttpClient client;
  private final boolean verify;

  /**
   * Connections as {@code place} wants them.
   *
   * @param environment for the proxies that it names
   */
  static Wire to(Place place, Environment environment) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            // One connection for each layer: over a single one of HTTP/2 they would share its
            // window.
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT_PATIENCE)
            .proxy(new EnvironmentProxy(environment));
    Tls.context(place, environment).ifPresent(builder::sslContext);
    return new Wire(builder.build(), place.verify());
  }

  private Wire(HttpClient client, boolean verify) {
    this.client = client;
    this.verify = verify;
  }

  /**
   * Sends one request, and those that its redirects ask for.
   *
   * @param authorization the header's value, for the origin of {@code owner} alone
   * @return never a redirect; the caller closes the body
   */
  HttpResponse<InputStream> send(Ask ask, URI owner, Optional<String> authorization)
      throws IOException {
    Ask next = ask;
    for (int redirects = 0; ; redirects++) {
      HttpResponse<InputStream> response = exchange(next, owner, authorization);
      Optional<String> location = response.headers().firstValue("Location");
      int status = response.statusCode();
      if (!REDIRECTS.contains(status) || location.isEmpty()) {
        return response;
      }
      discard(response);
      if (redirects == REDIRECTS_LIMIT) {
        throw refused(ask, "redirects more than " + REDIRECTS_LIMIT + " times");
      }
      URI target = resolve(next.uri(), location.get());
      if (verify && isSecure(next.uri()) && !isSecure(target)) {
        throw refused(ask, "redirects from HTTPS to plain HTTP");
      }
      boolean keepsMethod = status == 307 || status == 308 || next.method().equals("HEAD");
      next = (keepsMethod ? next : next.asGet()).at(target);
    }
  }

  private HttpResponse<InputStream> exchange(Ask ask, URI owner, Optional<String> authorization)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(ask.uri())
            .method(ask.method(), ask.body().get())
            .timeout(ask.timeout())
            .header("User-Agent", AGENT);
    ask.headers().forEach(request::header);
    if (authorization.isPresent() && isSameOrigin(ask.uri(), owner)) {
      request.header("Authorization", authorization.get());
    }
    try {
      return client.send(request.build(), info -> new BodyStream(Ask.PATIENCE));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageException(ImageException.Kind.INTERRUPTED, "interrupted", e);
    }
  }

  /** What {@code Location} means in a response to a request for {@code base}. */
  static URI resolve(URI base, String location) throws ImageException {
    try {
      URI resolved = base.resolve(location.strip());
      String scheme = String.valueOf(resolved.getScheme()).toLowerCase(Locale.ROOT);
      if (resolved.getHost() != null && (scheme.equals("https") || scheme.equals("http"))) {
        return resolved;
      }
    } catch (IllegalArgumentException e) {
      // Falls through to the refusal.
    }
    throw new ImageException(
        ImageException.Kind.UNAVAILABLE, base.getAuthority() + " names what is no address");
  }

  static boolean isSameOrigin(URI a, URI b) {
    return a.getScheme().equalsIgnoreCase(b.getScheme())
        && a.getHost().equalsIgnoreCase(b.getHost())
        && port(a) == port(b);
  }

  static boolean isSecure(URI uri) {
    return uri.getScheme().equalsIgnoreCase("https");
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0 ? uri.getPort() : isSecure(uri) ? 443 : 80;
  }

  private static ImageException refused(Ask ask, String problem) {
    return new ImageException(
        ImageException.Kind.UNAVAILABLE, ask.uri().getAuthority() + " " + problem);
  }

  /** A body of at most {@code limit} bytes; what is longer is cut off there. */
  static byte[] read(HttpResponse<InputStream> response, int limit) throws IOException {
    try (InputStream body = response.body()) {
      return body.readNBytes(limit);
    }
  }

  /** Lets go of a response; a short body is read, so that its connection can be used again. */
  static void discard(HttpResponse<InputStream> response) {
    try {
      byte[] ignored = read(response, 1 << 14);
      assert ignored != null;
    } catch (IOException e) {
      // It was of no interest.
    }
  }
}
