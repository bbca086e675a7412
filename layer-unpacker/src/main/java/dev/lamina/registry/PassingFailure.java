package dev.lamina.registry;

import java.io.IOException;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Optional;

/** A server failed in a way that may pass; it may have said when to come again. */
final class PassingFailure extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Optional<Duration> asked;

  PassingFailure(String message, HttpHeaders headers) {
    super(message);
    this.asked = Retries.asked(headers);
  }

  /** The pause that {@code failure} asks for, if it is one of these and does. */
  static Optional<Duration> asked(IOException failure) {
    return failure instanceof PassingFailure passing ? passing.asked : Optional.empty();
  }
}
