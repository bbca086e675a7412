package dev.lamina.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a registry said instead of doing what it was asked, in one line. */
final class Refusal {
  private static final int BODY_LIMIT = 64 << 10;
  private static final int TEXT_LIMIT = 300;

  private Refusal() {}

  /**
   * A failure for a response that is none of those wanted.
   *
   * @param where the registry and repository
   * @param what was asked for, such as {@code blob sha256:...}
   */
  static ImageException of(Object where, String what, HttpResponse<InputStream> response) {
    int status = response.statusCode();
    String said = said(response);
    return new ImageException(
        kind(status),
        where + ": " + what + ": HTTP " + status + (said.isEmpty() ? "" : " (" + said + ")"));
  }

  /** A failure to get any response at all. */
  static ImageException unreachable(Object where, String what, IOException failure) {
    return failure instanceof ImageException known
        ? known
        : new ImageException(
            ImageException.Kind.UNAVAILABLE, where + ": " + what + ": " + reason(failure), failure);
  }

  /** The JDK says the least where most can go wrong. */
  private static String reason(IOException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException) {
        return "no such host";
      }
      if (cause instanceof CertPathBuilderException || cause instanceof CertificateException) {
        return "its certificate is not trusted: " + Json.printable(cause.getMessage());
      }
    }
    if (failure instanceof ConnectException && failure.getMessage() == null) {
      return "connection refused";
    }
    String message = failure.getMessage() == null ? "the connection broke" : failure.getMessage();
    return Json.printable(message);
  }

  private static ImageException.Kind kind(int status) {
    return switch (status) {
      case 401, 403, 407 -> ImageException.Kind.DENIED;
      case 404, 410 -> ImageException.Kind.NOT_FOUND;
      default -> ImageException.Kind.UNAVAILABLE;
    };
  }

  private static String said(HttpResponse<InputStream> response) {
    try {
      byte[] body = Wire.read(response, BODY_LIMIT);
      String type = response.headers().firstValue("Content-Type").orElse("");
      String text = body.length > 0 && body[0] == '{' ? fromJson(body) : "";
      if (text.isEmpty() && type.startsWith("text/plain")) {
        text = new String(body, StandardCharsets.UTF_8).strip();
      }
      return Json.printable(
          text.length() > TEXT_LIMIT ? text.substring(0, TEXT_LIMIT) + "..." : text);
    } catch (IOException e) {
      return "";
    }
  }

  /** {@code {"errors":[{"code":"NAME_UNKNOWN","message":"..."}]}} (OCI distribution, Errors). */
  private static String fromJson(byte[] body) {
    JsonNode tree;
    try {
      tree = Json.readTree(body, "an error");
    } catch (ImageException e) {
      return "";
    }
    List<String> lines = new ArrayList<>();
    for (JsonNode error : tree.path("errors")) {
      String code = error.path("code").asText("").toLowerCase(Locale.ROOT).replace('_', ' ');
      String message = error.path("message").asText("");
      boolean same = message.toLowerCase(Locale.ROOT).contains(code);
      lines.add(message.isEmpty() ? code : same ? message : code + ": " + message);
    }
    // Token servers: {"details":"..."}, or OAuth's {"error":..., "error_description":...}.
    for (String field : List.of("details", "error_description", "error", "message")) {
      if (lines.isEmpty() && tree.path(field).isTextual()) {
        lines.add(tree.path(field).asText());
      }
    }
    return String.join("; ", lines);
  }
}
