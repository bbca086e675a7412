package dev.lamina.layer.tar;

import dev.lamina.image.ImageException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Writes a tar stream: a ustar header for each entry, with a PAX header before it for what ustar
 * cannot hold. The same entries give the same bytes.
 */
public final class TarWriter implements Closeable {
  private static final int BLOCK = TarHeader.BLOCK;
  private static final int NAME_LIMIT = 100;
  private static final long ID_LIMIT = 07777777;
  private static final long OCTAL_LIMIT = 077777777777L;

  private final OutputStream out;
  private boolean closed;

  /** Writes to {@code out}, which should be buffered and is closed with this. */
  public TarWriter(OutputStream out) {
    this.out = out;
  }

  /** Writes an entry without data. */
  public void put(TarEntry entry) throws IOException {
    put(entry, InputStream.nullInputStream());
  }

  /** Writes an entry with {@link TarEntry#size} bytes of {@code data}, which must have as many. */
  public void put(TarEntry entry, InputStream data) throws IOException {
    put(entry, records(entry), data);
  }

  /**
   * Writes a regular file with holes, in GNU's PAX format 1.0: the map stands in front of the data.
   *
   * @param map complete; one that does not end where the file ends has an empty range there
   * @param data the bytes of all ranges, one after the other
   */
  public void putSparse(TarEntry entry, SparseMap map, InputStream data) throws IOException {
    byte[] text = sparseMap(map);
    TarEntry stored = entry.copy(sparseName(entry.name())).size(text.length + map.stored());
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    record(records, "GNU.sparse.major", "1");
    record(records, "GNU.sparse.minor", "0");
    record(records, "GNU.sparse.name", entry.name());
    record(records, "GNU.sparse.realsize", Long.toString(map.fileSize()));
    records.writeBytes(records(stored));
    put(
        stored,
        records.toByteArray(),
        new SequenceInputStream(new ByteArrayInputStream(text), data));
  }

  /** {@code COUNT\nOFFSET\nLENGTH\n...}, filled up to whole blocks. */
  private static byte[] sparseMap(SparseMap map) {
    StringBuilder text = new StringBuilder().append(map.count()).append('\n');
    for (int i = 0; i < map.count(); i++) {
      text.append(map.offset(i)).append('\n').append(map.length(i)).append('\n');
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
    return Arrays.copyOf(bytes, (bytes.length + BLOCK - 1) / BLOCK * BLOCK);
  }

  /**
   * What readers that do not know the format call the file: GNU's {@code DIR/GNUSparseFile.0/F}.
   */
  private static byte[] sparseName(byte[] name) {
    int start = name.length;
    while (start > 0 && name[start - 1] != '/') {
      start--;
    }
    ByteArrayOutputStream changed = new ByteArrayOutputStream();
    changed.write(name, 0, start);
    changed.writeBytes("GNUSparseFile.0/".getBytes(StandardCharsets.US_ASCII));
    changed.write(name, start, name.length - start);
    return changed.toByteArray();
  }

  private void put(TarEntry entry, byte[] records, InputStream data) throws IOException {
    if (records.length > 0) {
      TarEntry extended =
          new TarEntry(TarType.REGULAR, "././@PaxHeader".getBytes(StandardCharsets.US_ASCII))
              .mode(0644)
              .size(records.length);
      out.write(header(extended, 'x'));
      out.write(records);
      pad(records.length);
    }
    out.write(header(entry, entry.type().flag));
    long copied = copy(data, entry.size());
    if (copied != entry.size()) {
      throw new ImageException(
          ImageException.Kind.HOST, entry + " changed its size while it was read");
    }
    pad(copied);
  }

  private long copy(InputStream data, long size) throws IOException {
    byte[] buffer = new byte[(int) Math.min(size, 1 << 16)];
    long copied = 0;
    while (copied < size) {
      int got = data.read(buffer, 0, (int) Math.min(buffer.length, size - copied));
      if (got < 0) {
        break;
      }
      out.write(buffer, 0, got);
      copied += got;
    }
    return copied;
  }

  private void pad(long size) throws IOException {
    out.write(new byte[(int) (-size & (BLOCK - 1))]);
  }

  private static byte[] records(TarEntry entry) {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    if (entry.name().length > NAME_LIMIT) {
      record(records, "path", entry.name());
    }
    if (entry.linkName().length > NAME_LIMIT) {
      record(records, "linkpath", entry.linkName());
    }
    if (entry.size() > OCTAL_LIMIT) {
      record(records, "size", Long.toString(entry.size()));
    }
    if (Integer.toUnsignedLong(entry.uid()) > ID_LIMIT) {
      record(records, "uid", Integer.toUnsignedString(entry.uid()));
    }
    if (Integer.toUnsignedLong(entry.gid()) > ID_LIMIT) {
      record(records, "gid", Integer.toUnsignedString(entry.gid()));
    }
    if (entry.mtimeNanos() != 0 || entry.mtime() < 0 || entry.mtime() > OCTAL_LIMIT) {
      record(records, "mtime", time(entry));
    }
    entry.xattrs().forEach(xattr -> record(records, xattr));
    return records.toByteArray();
  }

  /**
   * In the words that all readers know. A record's key ends at its first {@code =}: a name that has
   * one goes in libarchive's words, which escape it.
   */
  private static void record(ByteArrayOutputStream records, TarXattr xattr) {
    String name = new String(xattr.name(), StandardCharsets.ISO_8859_1);
    if (name.indexOf('=') < 0) {
      record(records, "SCHILY.xattr." + name, xattr.value());
      return;
    }
    byte[] value = Base64.getEncoder().withoutPadding().encode(xattr.value());
    record(records, "LIBARCHIVE.xattr." + escaped(xattr.name()), value);
  }

  private static String escaped(byte[] name) {
    StringBuilder text = new StringBuilder();
    for (byte b : name) {
      boolean plain = b > ' ' && b < 0x7f && b != '%' && b != '=';
      text.append(plain ? String.valueOf((char) b) : String.format("%%%02X", b));
    }
    return text.toString();
  }

  /** Seconds and a fraction; before the epoch the sign holds for both. */
  private static String time(TarEntry entry) {
    boolean negative = entry.mtime() < 0;
    long seconds = entry.mtime();
    long nanos = entry.mtimeNanos();
    if (negative && nanos > 0) {
      seconds += 1;
      nanos = 1_000_000_000 - nanos;
    }
    String sign = negative ? "-" : "";
    return nanos == 0
        ? sign + Math.abs(seconds)
        : String.format("%s%d.%09d", sign, Math.abs(seconds), nanos);
  }

  private static void record(ByteArrayOutputStream records, String key, String value) {
    record(records, key, value.getBytes(StandardCharsets.US_ASCII));
  }

  /** {@code LENGTH KEY=VALUE\n}, where LENGTH counts its own digits. */
  private static void record(ByteArrayOutputStream records, String key, byte[] value) {
    byte[] keyBytes = key.getBytes(StandardCharsets.ISO_8859_1);
    int rest = keyBytes.length + value.length + 3;
    int length = rest + Integer.toString(rest).length();
    length = rest + Integer.toString(length).length();
    records.writeBytes(Integer.toString(length).getBytes(StandardCharsets.US_ASCII));
    records.write(' ');
    records.writeBytes(keyBytes);
    records.write('=');
    records.writeBytes(value);
    records.write('\n');
  }

  private static byte[] header(TarEntry entry, char type) {
    byte[] block = new byte[BLOCK];
    text(block, 0, entry.name());
    octal(block, 100, 8, entry.mode());
    octal(block, 108, 8, Math.min(ID_LIMIT, Integer.toUnsignedLong(entry.uid())));
    octal(block, 116, 8, Math.min(ID_LIMIT, Integer.toUnsignedLong(entry.gid())));
    octal(block, 124, 12, Math.min(OCTAL_LIMIT, entry.size()));
    octal(block, 136, 12, Math.max(0, Math.min(OCTAL_LIMIT, entry.mtime())));
    block[156] = (byte) type;
    text(block, 157, entry.linkName());
    System.arraycopy("ustar\00000".getBytes(StandardCharsets.US_ASCII), 0, block, 257, 8);
    octal(block, 329, 8, entry.deviceMajor());
    octal(block, 337, 8, entry.deviceMinor());
    Arrays.fill(block, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    octal(block, 148, 7, sum);
    return block;
  }

  private static void text(byte[] block, int offset, byte[] text) {
    System.arraycopy(text, 0, block, offset, Math.min(text.length, NAME_LIMIT));
  }

  /** Digits that fill the field up to a NUL. */
  private static void octal(byte[] block, int offset, int length, long value) {
    long rest = value;
    for (int i = offset + length - 2; i >= offset; i--) {
      block[i] = (byte) ('0' + (rest & 7));
      rest >>>= 3;
    }
    block[offset + length - 1] = 0;
  }

  /** Ends the archive with two empty blocks. */
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      out.write(new byte[2 * BLOCK]);
      out.close();
    }
  }
}
