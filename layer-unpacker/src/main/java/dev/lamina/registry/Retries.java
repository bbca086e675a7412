package dev.lamina.registry;

import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.channels.UnresolvedAddressException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLException;

/**
 * What is tried again, how often and after how long: the pause doubles each time, half of it left
 * to chance so that many clients do not come back at once, unless the server says when to come.
 *
 * @param limit how often something is tried again
 * @param first the pause before the first time
 * @param longest no pause is longer, whatever a server says
 */
public record Retries(int limit, Duration first, Duration longest) {
  public static final Retries DEFAULT = of(5);

  /**
   * 408 Request Timeout, 425 Too Early, 429 Too Many Requests; failures of servers and gateways.
   */
  private static final Set<Integer> PASSING = Set.of(408, 425, 429, 500, 502, 503, 504);

  /** So many times, with the usual pauses. */
  public static Retries of(int limit) {
    return new Retries(limit, Duration.ofMillis(500), Duration.ofMinutes(1));
  }

  /** Whether another time may go better. */
  static boolean isPassing(int status) {
    return PASSING.contains(status);
  }

  /** As {@link #isPassing(int)}: not what is wrong with a name or a certificate. */
  static boolean isPassing(IOException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException
          || cause instanceof SSLException
          || cause instanceof dev.lamina.image.ImageException) {
        return false;
      }
    }
    return true;
  }

  /**
   * How long to wait.
   *
   * @param failures how often it has failed, from 1
   */
  Duration pause(int failures, Optional<Duration> asked) {
    if (asked.isPresent()) {
      return asked.get().compareTo(longest) > 0 ? longest : asked.get();
    }
    long doubled = first.toMillis() << Math.min(failures - 1, 20);
    long bound = Math.min(doubled, longest.toMillis());
    return Duration.ofMillis(
        bound - (long) (bound / 2.0 * ThreadLocalRandom.current().nextDouble()));
  }

  /** {@code Retry-After}, in seconds or as a time (RFC 9110, 10.2.3). */
  static Optional<Duration> asked(HttpHeaders headers) {
    Optional<String> value = headers.firstValue("Retry-After").map(String::strip);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (value.get().matches("[0-9]{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(value.get())));
    }
    try {
      Instant time =
          ZonedDateTime.parse(value.get(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration wait = Duration.between(Instant.now(), time);
      return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
