package dev.lamina.layer;

import com.github.luben.zstd.ZstdOutputStream;
import com.google.common.io.ByteStreams;
import dev.lamina.layer.tar.SparseMap;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Passes a layer's uncompressed stream on and writes down all of it but the data of files, which
 * the tree has: headers, padding and whatever else, in the order of the stream. {@link
 * RecordedStream} puts it together again. The form is described in docs/on-disk.md.
 */
final class StreamRecorder extends FilterInputStream implements PayloadListener {
  static final long MAGIC = 0x4c414d5354524d31L; // "LAMSTRM1"
  static final int END = 0;
  static final int BYTES = 1;
  static final int FILE = 2;
  static final int BYTES_LIMIT = 1 << 16;

  private final DataOutputStream out;
  private final byte[] pending = new byte[BYTES_LIMIT];
  private int pendingLength;
  private long payload;
  private long payloadLeft;

  /** Takes over {@code record}; {@code tar} stays the caller's. */
  StreamRecorder(InputStream tar, OutputStream record) throws IOException {
    super(tar);
    out = new DataOutputStream(new BufferedOutputStream(new ZstdOutputStream(record), 1 << 16));
    out.writeLong(MAGIC);
  }

  @Override
  public int read(byte[] target, int from, int count) throws IOException {
    int got = in.read(target, from, count);
    if (got > 0) {
      int data = (int) Math.min(payloadLeft, got);
      payloadLeft -= data;
      keep(target, from + data, got - data);
    }
    return got;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  private void keep(byte[] bytes, int from, int count) throws IOException {
    int at = from;
    int left = count;
    while (left > 0) {
      if (pendingLength == pending.length) {
        flushPending();
      }
      int part = Math.min(left, pending.length - pendingLength);
      System.arraycopy(bytes, at, pending, pendingLength, part);
      pendingLength += part;
      at += part;
      left -= part;
    }
  }

  private void flushPending() throws IOException {
    if (pendingLength > 0) {
      out.writeByte(BYTES);
      out.writeInt(pendingLength);
      out.write(pending, 0, pendingLength);
      pendingLength = 0;
    }
  }

  @Override
  public void begin(long bytes) {
    payload = bytes;
    payloadLeft = bytes;
  }

  @Override
  public void end(LayerPath file, SparseMap sparse) throws IOException {
    long written = payload - payloadLeft;
    payloadLeft = 0;
    if (written == 0) {
      return;
    }
    flushPending();
    if (sparse == null) {
      writeFile(file, 0, written);
      return;
    }
    for (int i = 0; i < sparse.count(); i++) {
      if (sparse.length(i) > 0) {
        writeFile(file, sparse.offset(i), sparse.length(i));
      }
    }
  }

  private void writeFile(LayerPath file, long offset, long length) throws IOException {
    byte[] path = file.toBytes();
    out.writeByte(FILE);
    out.writeShort(path.length);
    out.write(path);
    out.writeLong(offset);
    out.writeLong(length);
  }

  /** Reads the stream to its end and completes the record. */
  void finish() throws IOException {
    ByteStreams.exhaust(this);
    flushPending();
    out.writeByte(END);
    out.close();
  }

  /** Gives the record up. */
  @Override
  public void close() throws IOException {
    out.close();
  }
}
