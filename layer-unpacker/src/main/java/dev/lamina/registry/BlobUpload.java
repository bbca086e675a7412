package dev.lamina.registry;

import dev.lamina.image.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Brings one blob into a repository. A small one goes in one piece with the request that ends the
 * upload; a large one in a piece of its own, which is followed by the rest where the connection
 * breaks: the registry is asked how much it has. Where that cannot be found out, the upload begins
 * anew. The addresses that the registry gives are used as they are.
 */
final class BlobUpload {
  /** Up to here one request less counts more than that it cannot be continued. */
  private static final long SMALL = 4 << 20;

  /**
   * Pieces once a connection has broken: each one that arrives is kept. They get smaller, since a
   * server that wants them so may just hang up.
   */
  private static final long CAREFUL = 16 << 20;

  private static final long SMALLEST = 64 << 10;
  private static final String OCTETS = "application/octet-stream";
  private static final Pattern RANGE = Pattern.compile("(?:bytes=)?0-([0-9]{1,18})");

  /** What servers say who want pieces only. */
  private static final Set<Integer> NOT_AT_ONCE = Set.of(400, 405, 411, 415, 501);

  private static final int TOO_LARGE = 413;
  private static final int WRONG_RANGE = 416;

  private final Repository repository;
  private final Exchange exchange;
  private final PushedBlob blob;
  private final Retries retries;
  private final String what;
  private URI location;
  private long offset;
  private long piece;
  private long shortest = 1;
  private boolean atOnce;

  /** Since it got any farther. */
  private int failures;

  private long farthest;

  BlobUpload(Repository repository, PushedBlob blob) {
    this.repository = repository;
    this.exchange = repository.exchange();
    this.retries = exchange.retries();
    this.blob = blob;
    this.what = "blob " + blob.digest();
    this.piece = blob.size();
    this.atOnce = blob.size() <= SMALL;
  }

  /**
   * Has the registry take the blob from another of its repositories.
   *
   * @return whether it did; if not, an upload may have begun, which {@link #run} goes on with
   */
  boolean mountFrom(String from) throws IOException {
    String query = "/blobs/uploads/?mount=" + blob.digest() + "&from=" + from;
    List<String> scopes = new ArrayList<>(repository.pushScopes());
    scopes.add("repository:" + from + ":pull");
    HttpResponse<InputStream> response =
        exchange.send(Ask.of("POST", exchange.uri(query), scopes), what);
    Wire.discard(response);
    if (response.statusCode() == 202) {
      begun(response);
    }
    // Anything else is no reason to give up: it may be uploaded.
    return response.statusCode() == 201;
  }

  /** Uploads the blob; when this returns, the registry has compared it with its digest. */
  void run() throws IOException {
    while (true) {
      try {
        if (location == null) {
          begin();
        }
        if (atOnce ? putAtOnce() : patchAll() && finish(noBody())) {
          return;
        }
      } catch (PassingFailure e) {
        again(e);
      } catch (ImageException e) {
        throw e;
      } catch (IOException e) {
        again(e);
      }
    }
  }

  private void begin() throws IOException {
    offset = 0;
    blob.uploaded(0);
    Ask ask =
        Ask.of("POST", exchange.uri("/blobs/uploads/"), repository.pushScopes())
            .body(OCTETS, 0, BodyPublishers::noBody);
    HttpResponse<InputStream> response = exchange.send(ask, what);
    if (response.statusCode() != 202) {
      throw Refusal.of(repository.place(), what, response);
    }
    Wire.discard(response);
    begun(response);
  }

  private void begun(HttpResponse<InputStream> response) throws ImageException {
    moved(response);
    Optional<String> least = response.headers().firstValue("OCI-Chunk-Min-Length");
    shortest = least.filter(n -> n.matches("[0-9]{1,12}")).map(Long::parseLong).orElse(1L);
  }

  /** Each answer tells where the next request goes. */
  private void moved(HttpResponse<InputStream> response) throws ImageException {
    Optional<String> next = response.headers().firstValue("Location");
    if (next.isPresent()) {
      location = Wire.resolve(response.uri(), next.get());
    } else if (location == null) {
      throw new ImageException(
          ImageException.Kind.UNAVAILABLE,
          repository.place() + ": " + what + ": the registry says not where to send it");
    }
  }

  private Ask ask(String method, URI uri) {
    return Ask.of(method, uri, repository.pushScopes());
  }

  /** Sends everything and ends the upload; false where the registry wants it in pieces. */
  private boolean putAtOnce() throws IOException {
    HttpResponse<InputStream> response =
        exchange.once(ask("PUT", last()).body(OCTETS, blob.size(), () -> range(0, blob.size())));
    if (response.statusCode() / 100 == 2) {
      Wire.discard(response);
      blob.uploaded(blob.size());
      return true;
    }
    boolean pieces = NOT_AT_ONCE.contains(response.statusCode()) || isTooLarge(response);
    if (!pieces) {
      throw failure(response);
    }
    Wire.discard(response);
    atOnce = false;
    location = null;
    return false;
  }

  /** Sends what is missing; false where the upload has to begin anew. */
  private boolean patchAll() throws IOException {
    while (offset < blob.size()) {
      long end = Math.min(blob.size(), offset + Math.max(piece, shortest));
      Ask ask = ask("PATCH", location).body(OCTETS, end - offset, () -> range(offset, end));
      if (offset > 0 || end < blob.size()) {
        ask = ask.header("Content-Range", offset + "-" + (end - 1));
      }
      HttpResponse<InputStream> response = exchange.once(ask);
      if (response.statusCode() / 100 == 2) {
        Wire.discard(response);
        moved(response);
        // Where it does not say, it has taken what it was sent.
        offset = received(response).orElse(end);
        blob.uploaded(offset);
        if (offset > farthest) {
          farthest = offset;
          failures = 0;
        }
      } else if (isTooLarge(response)) {
        Wire.discard(response);
        piece = Math.max(SMALLEST, (end - offset) / 2);
      } else if (response.statusCode() == WRONG_RANGE) {
        Wire.discard(response);
        throw new PassingFailure("it has another part of the blob", response.headers());
      } else {
        throw failure(response);
      }
    }
    return true;
  }

  private boolean isTooLarge(HttpResponse<InputStream> response) {
    return response.statusCode() == TOO_LARGE && piece > SMALLEST;
  }

  private boolean finish(Ask ask) throws IOException {
    HttpResponse<InputStream> response = exchange.once(ask);
    if (response.statusCode() / 100 != 2) {
      throw failure(response);
    }
    Wire.discard(response);
    return true;
  }

  private Ask noBody() {
    return ask("PUT", last()).body(OCTETS, 0, BodyPublishers::noBody);
  }

  /** Where the request goes that ends the upload. */
  private URI last() {
    String separator = location.getRawQuery() == null ? "?" : "&";
    return URI.create(location + separator + "digest=" + blob.digest());
  }

  private IOException failure(HttpResponse<InputStream> response) {
    ImageException said = Refusal.of(repository.place(), what, response);
    boolean lost = response.statusCode() == 404;
    return lost || Retries.isPassing(response.statusCode())
        ? new PassingFailure(said.getMessage(), response.headers())
        : said;
  }

  /** Waits, then finds out where to go on. */
  private void again(IOException failure) throws IOException {
    failures++;
    if (!Retries.isPassing(failure) || failures > retries.limit()) {
      throw Refusal.unreachable(repository.place(), what, failure);
    }
    Exchange.pause(retries.pause(failures, PassingFailure.asked(failure)));
    piece = Math.min(piece, Math.max(SMALLEST, CAREFUL >> (failures - 1)));
    if (location != null && !atOnce && !resume()) {
      location = null;
    } else if (atOnce) {
      location = null;
    }
  }

  /** Asks how much the registry has; false where the upload is lost. */
  private boolean resume() throws IOException {
    HttpResponse<InputStream> response;
    try {
      response = exchange.once(ask("GET", location));
    } catch (ImageException e) {
      throw e;
    } catch (IOException e) {
      return false;
    }
    Wire.discard(response);
    OptionalLong received = received(response);
    if (response.statusCode() != 204 || received.orElse(0) > blob.size()) {
      return false;
    }
    moved(response);
    offset = received.orElse(0);
    blob.uploaded(offset);
    return true;
  }

  /** {@code Range: 0-N}: how many bytes it has. */
  private static OptionalLong received(HttpResponse<InputStream> response) {
    Optional<String> range = response.headers().firstValue("Range");
    Matcher matcher = RANGE.matcher(range.orElse("").strip());
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    long last = Long.parseLong(matcher.group(1));
    // An empty upload is told as 0-0, as one of a byte is.
    return OptionalLong.of(last == 0 ? 0 : last + 1);
  }

  private BodyPublisher range(long from, long to) {
    if (from == to) {
      return BodyPublishers.noBody();
    }
    return BodyPublishers.fromPublisher(
        BodyPublishers.ofInputStream(() -> blob.open(from, to)), to - from);
  }
}
