package dev.lamina.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The body of a response as a stream that does not wait for ever: the JDK's client times out while
 * it waits for a response's headers only. What is buffered is bounded by asking for one piece more
 * whenever one was read. One thread reads; any may close, which ends a read that waits.
 */
final class BodyStream extends InputStream implements BodySubscriber<InputStream> {
  private static final int AHEAD = 2;

  /** What came: buffers, or the end, which may be a failure. */
  private record Piece(List<ByteBuffer> buffers, boolean last, Throwable failure) {
    static final Piece END = new Piece(List.of(), true, null);
  }

  private final Duration patience;
  private final BlockingQueue<Piece> received = new LinkedBlockingQueue<>();
  private volatile boolean closed;
  private volatile Subscription subscription;
  private Iterator<ByteBuffer> buffers = Piece.END.buffers.iterator();
  private ByteBuffer current = ByteBuffer.allocate(0);
  private boolean ended;

  BodyStream(Duration patience) {
    this.patience = patience;
  }

  @Override
  public CompletionStage<InputStream> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Subscription newSubscription) {
    subscription = newSubscription;
    if (closed) {
      newSubscription.cancel();
    } else {
      newSubscription.request(AHEAD);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> item) {
    received.add(new Piece(item, false, null));
  }

  @Override
  public void onError(Throwable throwable) {
    received.add(new Piece(List.of(), true, throwable));
  }

  @Override
  public void onComplete() {
    received.add(Piece.END);
  }

  /** Makes {@code current} hold something; false at the end. */
  private boolean fill() throws IOException {
    while (!current.hasRemaining()) {
      if (closed) {
        throw new IOException("closed");
      }
      if (ended) {
        return false;
      }
      if (buffers.hasNext()) {
        current = buffers.next();
      } else {
        take();
      }
    }
    return true;
  }

  private void take() throws IOException {
    Piece next;
    try {
      next = received.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    if (next == null) {
      throw new HttpTimeoutException("nothing came for " + patience.toSeconds() + " seconds");
    }
    if (next.last) {
      if (next.failure != null) {
        throw new IOException(next.failure.getMessage(), next.failure);
      }
      ended = true;
      return;
    }
    buffers = next.buffers.iterator();
    subscription.request(1);
  }

  @Override
  public int read(byte[] target, int from, int count) throws IOException {
    if (count == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int got = Math.min(count, current.remaining());
    current.get(target, from, got);
    return got;
  }

  @Override
  public int read() throws IOException {
    return fill() ? current.get() & 0xff : -1;
  }

  @Override
  public void close() {
    closed = true;
    Subscription toCancel = subscription;
    if (toCancel != null) {
      toCancel.cancel();
    }
    received.add(Piece.END);
  }
}
