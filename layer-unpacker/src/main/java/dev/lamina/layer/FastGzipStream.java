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
  private boolean ended;

  FastGzipStream(InputStream in) {
    this.in = in;
  }

  @Override
  public int read(byte[] target, int from, int count) throws IOException {
    if (count == 0) {
      return 0;
    }
    while (!ended) {
      int got = inflate(target, from, count);
      if (got > 0) {
        return got;
      }
      boolean more = inflater.remaining() > 0 || fill();
      if (inflater.isFinished()) {
        ended = !more;
        inflater.reset();
      } else if (!more) {
        throw new EOFException("it ends within a gzip member");
      }
    }
    return -1;
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

  private boolean fill() throws IOException {
    int got = in.read(input, 0, INPUT);
    return got > 0 && inflater.setInput(input, 0, got) == got;
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
