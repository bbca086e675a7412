package dev.lamina.registry;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/** A repository of a registry or of a mirror. Thread-safe. */
final class Repository {
  private static final String MANIFEST_TYPES =
      String.join(
          ", ",
          MediaTypes.OCI_INDEX,
          MediaTypes.OCI_MANIFEST,
          MediaTypes.DOCKER_LIST,
          MediaTypes.DOCKER_MANIFEST);

  private final Exchange exchange;
  private final List<String> pull;
  private final List<String> push;

  /** A manifest or index as it came, and what describes it. */
  static final class Document {
    private final Descriptor descriptor;
    private final byte[] content;

    private Document(Descriptor descriptor, byte[] content) {
      this.descriptor = descriptor;
      this.content = content;
    }

    Descriptor descriptor() {
      return descriptor;
    }

    byte[] content() {
      return content;
    }
  }

  Repository(Exchange exchange) {
    this.exchange = exchange;
    String name = exchange.place().repository();
    this.pull = List.of("repository:" + name + ":pull");
    this.push = List.of("repository:" + name + ":pull,push");
  }

  Exchange exchange() {
    return exchange;
  }

  Place place() {
    return exchange.place();
  }

  /** What a token has to allow for a push. */
  List<String> pushScopes() {
    return push;
  }

  /**
   * Gets a manifest or index.
   *
   * @param identifier a tag or a digest, with which the content is then compared
   */
  Document manifest(String identifier) throws IOException {
    String what = "manifest " + identifier;
    Ask ask =
        Ask.of("GET", exchange.uri("/manifests/" + identifier), pull)
            .header("Accept", MANIFEST_TYPES);
    Small small = small(ask, what);
    Digest digest = Digest.sha256(small.content);
    Optional<String> claimed =
        identifier.contains(":")
            ? Optional.of(identifier)
            : small.header("Docker-Content-Digest").filter(d -> d.startsWith("sha256:"));
    if (claimed.isPresent()) {
      digest = Digest.parse(claimed.get());
      MessageDigest computation = digest.newComputation();
      computation.update(small.content);
      if (!digest.matches(computation)) {
        throw new ImageException(
            ImageException.Kind.MISMATCH,
            place() + ": " + what + " does not have the digest " + digest);
      }
    }
    String type = small.header("Content-Type").orElse("");
    String mediaType = type.replaceFirst(";.*", "").strip();
    String known = MediaTypes.isManifestOrIndex(mediaType) ? mediaType : "";
    return new Document(Descriptor.of(known, digest, small.content.length), small.content);
  }

  /** A small blob, bounded, not compared with anything. */
  byte[] document(Digest digest) throws IOException {
    return small(blob(digest), "blob " + digest).content;
  }

  /** A request for a blob. */
  Ask blob(Digest digest) throws IOException {
    return Ask.of("GET", exchange.uri("/blobs/" + digest), pull);
  }

  /** Whether a blob is there, for somebody who is going to push it if not. */
  boolean has(Digest digest) throws IOException {
    Ask ask = Ask.of("HEAD", exchange.uri("/blobs/" + digest), push);
    HttpResponse<InputStream> response = exchange.send(ask, "blob " + digest);
    if (response.statusCode() == 200) {
      Wire.discard(response);
      return true;
    }
    if (response.statusCode() == 404) {
      Wire.discard(response);
      return false;
    }
    throw Refusal.of(place(), "blob " + digest, response);
  }

  /** Puts a manifest under a tag or its own digest; all that it names must be there. */
  void putManifest(String identifier, String mediaType, byte[] manifest) throws IOException {
    String what = "manifest " + identifier;
    Ask ask =
        Ask.of("PUT", exchange.uri("/manifests/" + identifier), push)
            .body(mediaType, manifest.length, () -> BodyPublishers.ofByteArray(manifest));
    HttpResponse<InputStream> response = exchange.send(ask, what);
    if (response.statusCode() / 100 != 2) {
      throw Refusal.of(place(), what, response);
    }
    Wire.discard(response);
    Optional<String> stored = response.headers().firstValue("Docker-Content-Digest");
    String digest = Digest.sha256(manifest).toString();
    if (stored.isPresent() && stored.get().startsWith("sha256:") && !stored.get().equals(digest)) {
      throw new ImageException(
          ImageException.Kind.MISMATCH,
          place() + ": " + what + " was stored as " + Json.printable(stored.get()));
    }
  }

  /** A body that fits into memory, and what came with it. */
  private static final class Small {
    private final HttpHeaders headers;
    private final byte[] content;

    Small(HttpHeaders headers, byte[] content) {
      this.headers = headers;
      this.content = content;
    }

    Optional<String> header(String name) {
      return headers.firstValue(name);
    }
  }

  private Small small(Ask ask, String what) throws IOException {
    for (int failures = 1; ; failures++) {
      HttpResponse<InputStream> response = exchange.send(ask, what);
      if (response.statusCode() != 200) {
        throw Refusal.of(place(), what, response);
      }
      try {
        byte[] content = Wire.read(response, Json.SIZE_LIMIT + 1);
        if (content.length > Json.SIZE_LIMIT) {
          throw new ImageException(
              ImageException.Kind.LIMIT,
              place() + ": " + what + " has more than " + Json.SIZE_LIMIT + " bytes");
        }
        return new Small(response.headers(), content);
      } catch (IOException e) {
        if (failures > exchange.retries().limit() || !Retries.isPassing(e)) {
          throw Refusal.unreachable(place(), what, e);
        }
        Exchange.pause(exchange.retries().pause(failures, Optional.empty()));
      }
    }
  }
}
