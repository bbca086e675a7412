package dev.lamina.image;

import com.google.common.io.ByteStreams;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Passes a blob on while comparing it with what its descriptor says: a byte too many fails at once,
 * and {@link #verify} at the end checks size, then digest.
 */
public final class VerifyingInputStream extends FilterInputStream {
  private final String what;
  private final long expectedSize;
  private final Optional<Digest> expected;
  private final Optional<MessageDigest> computation;
  private long count;

  /**
   * Verifies {@code in}.
   *
   * @param what names the blob in messages
   * @param expected empty where only the size is known
   */
  public VerifyingInputStream(
      InputStream in, String what, long expectedSize, Optional<Digest> expected) {
    super(in);
    this.what = what;
    this.expectedSize = expectedSize;
    this.expected = expected;
    this.computation = expected.map(Digest::newComputation);
  }

  @Override
  public int read(byte[] target, int from, int length) throws IOException {
    int got = in.read(target, from, length);
    if (got > 0) {
      count += got;
      if (count > expectedSize) {
        throw mismatch("is longer than the " + expectedSize + " bytes its descriptor says");
      }
      computation.ifPresent(c -> c.update(target, from, got));
    }
    return got;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public long skip(long n) throws IOException {
    return readNBytes((int) Math.min(n, 1 << 16)).length;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  /** Bytes passed so far. */
  public long count() {
    return count;
  }

  /** Reads what is left, then compares. */
  public void verify() throws IOException {
    ByteStreams.exhaust(this);
    if (count != expectedSize) {
      throw mismatch("has " + count + " bytes where its descriptor says " + expectedSize);
    }
    if (expected.isPresent() && !expected.get().matches(computation.orElseThrow())) {
      throw mismatch("does not have the digest " + expected.get());
    }
  }

  private ImageException mismatch(String problem) {
    return new ImageException(ImageException.Kind.MISMATCH, what + " " + problem);
  }
}
