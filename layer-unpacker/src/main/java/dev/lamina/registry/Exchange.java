package dev.lamina.registry;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.image.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Requests to one place, with all that any of them needs: whether it speaks HTTPS is found out with
 * the first, authorization is got when asked for, and what may pass is tried again. Thread-safe.
 */
final class Exchange {
  private static final String HTTPS = "https";
  private static final String HTTP = "http";

  private final Place place;
  private final Wire wire;
  private final Retries retries;
  private final Optional<Credentials> credentials;

  @GuardedBy("this")
  private Authorization authorization;

  @GuardedBy("this")
  private URI base;

  Exchange(Place place, Wire wire, Retries retries, Optional<Credentials> credentials) {
    this.place = place;
    this.wire = wire;
    this.retries = retries;
    this.credentials = credentials;
  }

  Place place() {
    return place;
  }

  Retries retries() {
    return retries;
  }

  /** The address of the repository there, and what follows it. */
  URI uri(String rest) throws IOException {
    return base().resolve("/v2/" + place.repository() + rest);
  }

  /**
   * Sends a request until there is a response worth looking at.
   *
   * @param what is asked for, for messages
   * @return the caller closes its body
   */
  HttpResponse<InputStream> send(Ask ask, String what) throws ImageException {
    return repeat(() -> once(ask), what);
  }

  /** Sends a request once, or twice if a new token may help. */
  HttpResponse<InputStream> once(Ask ask) throws IOException {
    URI owner = base();
    Authorization shown = authorization();
    Optional<String> header = shown.header(ask.scopes());
    HttpResponse<InputStream> response = wire.send(ask, owner, header);
    boolean asked = response.statusCode() == 401 && Wire.isSameOrigin(response.uri(), owner);
    if (asked && shown.challenged(response.headers(), ask.scopes(), header)) {
      Wire.discard(response);
      return wire.send(ask, owner, shown.header(ask.scopes()));
    }
    return response;
  }

  /** Something that is sent to a server. */
  @FunctionalInterface
  private interface Attempt {
    HttpResponse<InputStream> get() throws IOException;
  }

  private HttpResponse<InputStream> repeat(Attempt attempt, String what) throws ImageException {
    for (int failures = 1; ; failures++) {
      Optional<Duration> asked;
      try {
        HttpResponse<InputStream> response = attempt.get();
        if (!Retries.isPassing(response.statusCode()) || failures > retries.limit()) {
          return response;
        }
        asked = Retries.asked(response.headers());
        Wire.discard(response);
      } catch (IOException e) {
        if (!Retries.isPassing(e) || failures > retries.limit()) {
          throw Refusal.unreachable(place, what, e);
        }
        asked = PassingFailure.asked(e);
      }
      pause(retries.pause(failures, asked));
    }
  }

  static void pause(Duration pause) throws ImageException {
    try {
      Thread.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageException(ImageException.Kind.INTERRUPTED, "interrupted", e);
    }
  }

  private synchronized Authorization authorization() {
    return authorization;
  }

  /** The registry's address, found out by its first answer. */
  private synchronized URI base() throws IOException {
    if (base == null) {
      HttpResponse<InputStream> answer = repeat(this::ping, "connecting");
      Wire.discard(answer);
      if (Retries.isPassing(answer.statusCode())) {
        throw Refusal.of(place, "connecting", answer);
      }
      URI found = URI.create(answer.request().uri().getScheme() + "://" + place.authority() + "/");
      authorization = new Authorization(wire, found, place.verify(), credentials);
      authorization.greeted(answer.headers());
      base = found;
    }
    return base;
  }

  /** HTTPS first, except on this host; the other if that is no way to talk to it. */
  private HttpResponse<InputStream> ping() throws IOException {
    if (place.verify()) {
      return ping(HTTPS);
    }
    boolean clear = Place.isLoopback(place.host());
    try {
      HttpResponse<InputStream> answer = ping(clear ? HTTP : HTTPS);
      // What servers of HTTPS answer to plain HTTP.
      if (!clear || answer.statusCode() != 400) {
        return answer;
      }
      Wire.discard(answer);
      return ping(HTTPS);
    } catch (ImageException e) {
      throw e;
    } catch (IOException e) {
      try {
        return ping(clear ? HTTPS : HTTP);
      } catch (IOException other) {
        e.addSuppressed(other);
        throw clear ? e : other;
      }
    }
  }

  private HttpResponse<InputStream> ping(String scheme) throws IOException {
    URI uri = URI.create(scheme + "://" + place.authority() + "/v2/");
    return wire.send(Ask.of("GET", uri, List.of()), uri, Optional.empty());
  }
}
