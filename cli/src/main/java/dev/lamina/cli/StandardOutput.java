package dev.lamina.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * Standard output for much data, as bytes: unlike a {@link PrintStream}, it fails when nobody takes
 * the data any more. Closing it flushes it and leaves standard output open.
 */
final class StandardOutput extends OutputStream {
  private static final int BUFFER = 1 << 16;

  private final PrintStream out = System.out;

  private StandardOutput() {}

  static OutputStream open() {
    return new BufferedOutputStream(new StandardOutput(), BUFFER);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int count) throws IOException {
    out.write(bytes, from, count);
    requireWritten();
  }

  @Override
  public void flush() throws IOException {
    requireWritten();
  }

  /** Flushes, too. */
  private void requireWritten() throws IOException {
    if (out.checkError()) {
      throw new IOException("standard output could not be written");
    }
  }

  @Override
  public void close() throws IOException {
    flush();
  }
}
