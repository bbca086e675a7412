package dev.lamina.registry;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A blob that goes on where it stopped: when the connection breaks, the rest is asked for ({@code
 * Range}), of the next place once one has failed too often. Where a server knows no ranges, what
 * was read already is read past. Nothing is verified here: whoever reads compares the whole with
 * its digest, wherever its pieces came from.
 *
 * <p>One thread reads; any may close, which ends what the reader waits for.
 */
final class RemoteBlob extends InputStream {
  private static final int SKIP = 1 << 16;

  private final Iterator<Repository> others;
  private final Digest digest;
  private final CountDownLatch closed = new CountDownLatch(1);
  private Repository repository;
  private InputStream in;
  private OptionalLong size = OptionalLong.empty();
  private long position;

  /** In a row: any byte that comes starts the count again. */
  private int failures;

  @GuardedBy("this")
  private Thread opener;

  @GuardedBy("this")
  private boolean interrupted;

  @GuardedBy("this")
  private InputStream open;

  private RemoteBlob(Iterator<Repository> places, Digest digest) {
    this.repository = places.next();
    this.others = places;
    this.digest = digest;
  }

  /** Opens a blob of the first of {@code places} that has it. */
  static InputStream open(List<Repository> places, Digest digest) throws IOException {
    RemoteBlob blob = new RemoteBlob(places.iterator(), digest);
    while (blob.in == null) {
      blob.reopen();
    }
    return blob;
  }

  @Override
  public int read(byte[] target, int from, int count) throws IOException {
    while (true) {
      if (closed.getCount() == 0) {
        throw new IOException("closed");
      }
      if (in == null) {
        reopen();
        continue;
      }
      try {
        int got = in.read(target, from, count);
        if (got >= 0) {
          position += got;
          failures = got > 0 ? 0 : failures;
          return got;
        }
        if (size.isEmpty() || position >= size.getAsLong()) {
          return -1;
        }
        throw new EOFException("it ended after " + position + " of " + size.getAsLong() + " bytes");
      } catch (IOException e) {
        failed(e, PassingFailure.asked(e));
      }
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /** One try to get a stream that stands at {@code position}. */
  private void reopen() throws IOException {
    try {
      InputStream got = null;
      begin();
      try {
        got = get();
      } finally {
        end(got);
      }
      in = got;
    } catch (IOException e) {
      failed(e, PassingFailure.asked(e));
    }
  }

  private InputStream get() throws IOException {
    String what = "blob " + digest;
    Ask ask = repository.blob(digest);
    HttpResponse<InputStream> response =
        repository
            .exchange()
            .once(position == 0 ? ask : ask.header("Range", "bytes=" + position + "-"));
    int status = response.statusCode();
    if (Retries.isPassing(status)) {
      ImageException said = Refusal.of(repository.place(), what, response);
      throw new PassingFailure(said.getMessage(), response.headers());
    }
    OptionalLong length = response.headers().firstValueAsLong("Content-Length");
    boolean ranged =
        status == 206
            && response
                .headers()
                .firstValue("Content-Range")
                .filter(range -> range.startsWith("bytes " + position + "-"))
                .isPresent();
    if (ranged) {
      if (size.isEmpty() && length.isPresent()) {
        size = OptionalLong.of(position + length.getAsLong());
      }
      return response.body();
    }
    if (status == 200) {
      size = length;
      InputStream body = response.body();
      try {
        skip(body);
        return body;
      } catch (IOException e) {
        body.close();
        throw e;
      }
    }
    if (status == 206 || status == 416) {
      Wire.discard(response);
      throw new ImageException(
          ImageException.Kind.UNAVAILABLE,
          repository.place() + ": " + what + ": a wrong range was sent from byte " + position);
    }
    throw Refusal.of(repository.place(), what, response);
  }

  private void skip(InputStream body) throws IOException {
    byte[] past = new byte[(int) Math.min(SKIP, position)];
    for (long left = position; left > 0; ) {
      int got = body.read(past, 0, (int) Math.min(past.length, left));
      if (got < 0) {
        throw new EOFException("it is shorter than before");
      }
      left -= got;
    }
  }

  /** Prepares the next try, or ends with {@code failure}. */
  private void failed(IOException failure, Optional<Duration> asked) throws IOException {
    closeBody();
    in = null;
    if (closed.getCount() == 0 || isInterruption(failure)) {
      throw failure;
    }
    failures++;
    Retries retries = repository.exchange().retries();
    if (!Retries.isPassing(failure) || failures > retries.limit()) {
      if (!others.hasNext()) {
        throw Refusal.unreachable(repository.place(), "blob " + digest, failure);
      }
      repository = others.next();
      failures = 0;
      return;
    }
    try {
      if (closed.await(retries.pause(failures, asked).toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("closed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageException(ImageException.Kind.INTERRUPTED, "interrupted", e);
    }
  }

  private static boolean isInterruption(IOException failure) {
    return failure instanceof ImageException e && e.kind() == ImageException.Kind.INTERRUPTED;
  }

  private synchronized void begin() throws IOException {
    if (closed.getCount() == 0) {
      throw new IOException("closed");
    }
    opener = Thread.currentThread();
  }

  private synchronized void end(InputStream got) {
    opener = null;
    open = got;
    if (interrupted) {
      // It was for the request, which is over; the thread has other things to do.
      interrupted = !Thread.interrupted();
    }
  }

  private synchronized void closeBody() throws IOException {
    if (open != null) {
      open.close();
      open = null;
    }
  }

  @Override
  public synchronized void close() throws IOException {
    closed.countDown();
    if (opener != null) {
      interrupted = true;
      opener.interrupt();
    }
    closeBody();
  }
}
