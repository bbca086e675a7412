package dev.lamina.layer;

import java.io.EOFException;
import java.io.IOException;
import java.util.zip.CRC32;
import java.util.zip.ZipException;

/**
 * The header of a gzip member (RFC 1952, 2.3), read and thrown away, however long it is. Not left
 * to ISA-L (2.30), which forgets the flags of one that comes in pieces, and computes a wrong
 * checksum of it: what they were is on a stack that is not its own any more.
 */
final class GzipHeader {
  /** Where its bytes come from. */
  @FunctionalInterface
  interface Source {
    /** The next one, 0 to 255; -1 at the end. */
    int next() throws IOException;
  }

  private static final int FHCRC = 2;
  private static final int FEXTRA = 4;
  private static final int FNAME = 8;
  private static final int FCOMMENT = 16;
  private static final int RESERVED = 0xe0;
  private static final int DEFLATE = 8;

  /** Of MTIME, XFL and OS. */
  private static final int FIXED_REST = 6;

  private final Source source;
  private final CRC32 crc = new CRC32();

  private GzipHeader(Source source) {
    this.source = source;
  }

  /**
   * Reads a whole header.
   *
   * @return whether there was one; false where the source was at its end
   * @throws ZipException where something else was there
   */
  static boolean skip(Source source) throws IOException {
    int first = source.next();
    if (first < 0) {
      return false;
    }
    new GzipHeader(source).read(first);
    return true;
  }

  private void read(int first) throws IOException {
    crc.update(first);
    if (first != 0x1f || next() != 0x8b) {
      throw new ZipException("what follows is no gzip member");
    }
    if (next() != DEFLATE) {
      throw new ZipException("unsupported compression method");
    }
    int flags = next();
    if ((flags & RESERVED) != 0) {
      throw new ZipException("reserved flags of a gzip member are set");
    }
    skip(FIXED_REST);
    if ((flags & FEXTRA) != 0) {
      skip(nextShort());
    }
    if ((flags & FNAME) != 0) {
      skipText();
    }
    if ((flags & FCOMMENT) != 0) {
      skipText();
    }
    if ((flags & FHCRC) != 0) {
      int computed = (int) crc.getValue() & 0xffff;
      if (nextShort() != computed) {
        throw new ZipException("incorrect checksum of a gzip header");
      }
    }
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      next();
    }
  }

  private void skipText() throws IOException {
    while (next() != 0) {
      // Text ends with a zero.
    }
  }

  private int nextShort() throws IOException {
    int low = next();
    return low | next() << 8;
  }

  private int next() throws IOException {
    int b = source.next();
    if (b < 0) {
      throw new EOFException("it ends within the header of a gzip member");
    }
    crc.update(b);
    return b;
  }
}
