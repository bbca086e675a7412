package dev.lamina.layer;

import com.github.luben.zstd.ZstdInputStream;
import dev.lamina.image.Digest;
import dev.lamina.image.ImageException;
import dev.lamina.linux.At;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.Fd;
import dev.lamina.linux.Name;
import dev.lamina.linux.NativeMemory;
import dev.lamina.linux.OpenFlags;
import dev.lamina.linux.Stat;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * The uncompressed stream of a layer, put together from its tree and from the record that was
 * written when it was unpacked. Byte for byte the old one as long as no file of the tree has
 * changed; the reader compares it with the diffID. For one thread.
 */
public final class RecordedStream extends InputStream {
  private static final int BUFFER = 256 << 10;
  private static final int RESOLVE = At.RESOLVE_BENEATH | At.RESOLVE_NO_SYMLINKS;
  private static final int OPEN = OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK;

  private final Path layer;
  private final DataInputStream record;
  private final NativeMemory buffer = NativeMemory.allocate(BUFFER);
  private final int root;
  private byte[] path = new byte[0];
  private int file = -1;
  private long offset;
  private long left;
  private boolean inFile;
  private boolean ended;
  private boolean closed;

  private RecordedStream(Path layer, DataInputStream record, int root) {
    this.layer = layer;
    this.record = record;
    this.root = root;
  }

  /**
   * Opens a record.
   *
   * @param tree the layer's root directory
   */
  public static RecordedStream open(Path record, Path tree) throws IOException {
    InputStream compressed = Files.newInputStream(record);
    try {
      DataInputStream in =
          new DataInputStream(
              new BufferedInputStream(new ZstdInputStream(compressed), StreamRecorder.BYTES_LIMIT));
      if (in.readLong() != StreamRecorder.MAGIC) {
        throw new ImageException(
            ImageException.Kind.HOST, "the store is damaged: " + record + " is no stream record");
      }
      int root = At.openDirectory(At.FDCWD, Name.of(tree.toString()));
      return new RecordedStream(tree, in, root);
    } catch (IOException | RuntimeException e) {
      compressed.close();
      throw e;
    }
  }

  /** Whether the stream that comes from here has the digest {@code diffId}. */
  public static boolean rebuilds(Path record, Path tree, Digest diffId) throws IOException {
    MessageDigest computation = diffId.newComputation();
    try (RecordedStream stream = open(record, tree)) {
      byte[] chunk = new byte[BUFFER];
      int got;
      while ((got = stream.read(chunk, 0, chunk.length)) >= 0) {
        computation.update(chunk, 0, got);
      }
    } catch (ImageException e) {
      if (e.kind() == ImageException.Kind.MISMATCH) {
        return false;
      }
      throw e;
    }
    return diffId.matches(computation);
  }

  @Override
  public int read(byte[] target, int from, int count) throws IOException {
    if (count == 0) {
      return 0;
    }
    while (left == 0) {
      if (ended || !next()) {
        ended = true;
        return -1;
      }
    }
    int wanted = (int) Math.min(count, left);
    int got = inFile ? readFile(target, from, wanted) : record.read(target, from, wanted);
    if (got <= 0) {
      throw inFile ? changed("is shorter than it was") : new EOFException("the record is cut off");
    }
    left -= got;
    return got;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /** Goes on to the next piece; false at the end. */
  private boolean next() throws IOException {
    int kind = record.readUnsignedByte();
    switch (kind) {
      case StreamRecorder.END -> {
        return false;
      }
      case StreamRecorder.BYTES -> {
        inFile = false;
        left = record.readInt();
      }
      case StreamRecorder.FILE -> {
        byte[] next = new byte[record.readUnsignedShort()];
        record.readFully(next);
        offset = record.readLong();
        left = record.readLong();
        inFile = true;
        openFile(next);
      }
      default ->
          throw new ImageException(
              ImageException.Kind.HOST, "the stream record of " + layer + " is damaged");
    }
    return true;
  }

  private void openFile(byte[] next) throws IOException {
    closeFile();
    path = next;
    Stat stat = new Stat();
    try {
      file = At.open2(root, Name.of(next), OPEN, 0, RESOLVE);
      At.stat(file, stat);
    } catch (ErrnoException e) {
      throw changed("cannot be opened: " + e.getMessage());
    }
    if (!stat.isRegular()) {
      throw changed("is no regular file any more");
    }
  }

  private int readFile(byte[] target, int from, int count) throws ErrnoException {
    int got = Fd.pread(file, buffer, 0, Math.min(count, BUFFER), offset);
    buffer.get(0, target, from, got);
    offset += got;
    return got;
  }

  private ImageException changed(String how) {
    return new ImageException(
        ImageException.Kind.MISMATCH, layer + ": " + Name.printable(path) + " " + how);
  }

  private void closeFile() {
    if (file >= 0) {
      Fd.close(file);
      file = -1;
    }
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      closeFile();
      Fd.close(root);
      record.close();
    }
  }
}
