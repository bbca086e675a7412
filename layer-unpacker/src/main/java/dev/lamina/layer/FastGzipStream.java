package dev.lamina.layer;

import dev.lamina.linux.GzipInflater;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.DataFormatException;
import java.util.zip.ZipException;

/**
 * All members of a gzip file, inflated by {@link GzipInflater}. What follows the last member and is
 * none is an error, as is an end within one. Reads large pieces; closing it closes the source.
 */
final class FastGzipStream extends InputStream {
  private static final int INPUT = 64 << 10;
  private static final int OUTPUT = 256 << 10;

  private final InputStream in;
  private final GzipInflater inflater = GzipInflater.create(OUTPUT);
  private final byte[] input = new byte[INPUT];

  /** What of the input was not given to the inflater, between members; else it is all given. */
  private int position;

  private int limit;
  private boolean inMember;

  FastGzipStream(InputStream in) {
    this.in = in;
  }

  @Override
  public int read(byte[] target, int from, int count) throws IOException {
    if (count == 0) {
      return 0;
    }
    while (inMember || begin()) {
      int got = inflate(target, from, count);
      if (got > 0) {
        return got;
      }
      if (inflater.isFinished()) {
        position = limit - inflater.remaining();
        inMember = false;
      } else if (inflater.remaining() == 0) {
        if (!fill()) {
          throw new EOFException("it ends within a gzip member");
        }
        give();
      }
    }
    return -1;
  }

  /** Goes on with the next member; false where there is none. */
  private boolean begin() throws IOException {
    inMember = GzipHeader.skip(this::next);
    if (inMember) {
      inflater.reset();
      give();
    }
    return inMember;
  }

  private int next() throws IOException {
    return position < limit || fill() ? input[position++] & 0xff : -1;
  }

  private boolean fill() throws IOException {
    position = 0;
    limit = Math.max(0, in.read(input, 0, INPUT));
    return limit > 0;
  }

  private void give() {
    inflater.setInput(input, position, limit - position);
  }

  private int inflate(byte[] target, int from, int count) throws ZipException {
    try {
      return inflater.inflate(target, from, count);
    } catch (DataFormatException e) {
      ZipException failure = new ZipException(e.getMessage());
      failure.initCause(e);
      throw failure;
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
