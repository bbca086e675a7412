package dev.lamina.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/**
 * Reads a file and gives up after so many bytes, seeks not counted: bounds what a library that
 * indexes an archive can be made to keep, since all it reads are headers.
 */
final class MeteredChannel implements SeekableByteChannel {
  private final FileChannel file;
  private final ImageException tooMuch;
  private long budget;

  /** Throws {@code tooMuch} once more than {@code budget} bytes were read. */
  MeteredChannel(FileChannel file, long budget, ImageException tooMuch) {
    this.file = file;
    this.budget = budget;
    this.tooMuch = tooMuch;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    int got = file.read(target);
    budget -= Math.max(0, got);
    if (budget < 0) {
      throw tooMuch;
    }
    return got;
  }

  @Override
  public long position() throws IOException {
    return file.position();
  }

  @Override
  public SeekableByteChannel position(long newPosition) throws IOException {
    file.position(newPosition);
    return this;
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public int write(ByteBuffer source) {
    throw new NonWritableChannelException();
  }

  @Override
  public SeekableByteChannel truncate(long size) {
    throw new NonWritableChannelException();
  }

  @Override
  public boolean isOpen() {
    return file.isOpen();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
