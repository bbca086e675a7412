package dev.lamina.layer.tar;

import dev.lamina.image.ImageException;
import dev.lamina.linux.Printable;
import java.util.Arrays;

/** The numbers of tar headers and PAX records; every way of writing one has its bounds here. */
final class TarNumbers {
  /** Enough for 64 bits in decimal; longer ones are attacks on the parser (CVE-2021-35517). */
  private static final int DIGITS_LIMIT = 20;

  /** Largest uid or gid: chown(2) takes 0xffffffff for "leave as it is". */
  private static final long ID_LIMIT = 0xfffffffeL;

  private TarNumbers() {}

  static ImageException malformed(String problem) {
    return new ImageException(ImageException.Kind.MALFORMED, problem);
  }

  /** A header field: octal digits padded with blanks or NULs, or GNU's base-256. */
  static long field(byte[] block, int offset, int length) throws ImageException {
    if ((block[offset] & 0x80) != 0) {
      return base256(block, offset, length);
    }
    int from = offset;
    int to = offset + length;
    while (from < to && (block[from] == ' ' || block[from] == 0)) {
      from++;
    }
    long value = 0;
    while (from < to && block[from] != ' ' && block[from] != 0) {
      int digit = block[from++] - '0';
      if (digit < 0 || digit > 7 || value >>> 60 != 0) {
        throw malformed("a number in the tar header is broken");
      }
      value = value << 3 | digit;
    }
    return value;
  }

  /** Two's complement, big endian, the top bit of the first byte being the marker. */
  private static long base256(byte[] block, int offset, int length) throws ImageException {
    boolean negative = (block[offset] & 0x40) != 0;
    long value = negative ? -1 : 0;
    for (int i = 0; i < length; i++) {
      int b = i == 0 ? block[offset] & (negative ? 0xff : 0x7f) : block[offset + i] & 0xff;
      if (value != (value << 8) >> 8) {
        throw malformed("a number in the tar header has more than 64 bits");
      }
      value = value << 8 | b;
    }
    return value;
  }

  /** A non-negative decimal number of a PAX record. */
  static long decimal(byte[] text, int from, int to) throws ImageException {
    if (from == to || to - from > DIGITS_LIMIT) {
      throw broken(text, from, to);
    }
    long value = 0;
    for (int i = from; i < to; i++) {
      int digit = text[i] - '0';
      if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
        throw broken(text, from, to);
      }
      value = value * 10 + digit;
    }
    return value;
  }

  static long decimal(byte[] text) throws ImageException {
    return decimal(text, 0, text.length);
  }

  /** A uid or gid; negative and overflowing ones are refused (CVE-2024-40635). */
  static int id(long value, String what) throws ImageException {
    if (value < 0 || value > ID_LIMIT) {
      throw new ImageException(
          ImageException.Kind.REFUSED, what + " " + value + " is outside 0.." + ID_LIMIT);
    }
    return (int) value;
  }

  /** A PAX uid or gid, where a leading minus deserves the same words. */
  static int paxId(byte[] text, String what) throws ImageException {
    if (text.length > 1 && text[0] == '-') {
      return id(-decimal(text, 1, text.length), what);
    }
    return id(decimal(text), what);
  }

  /**
   * A PAX time: seconds with an optional fraction, of which nine digits count.
   *
   * @return seconds rounded down, and nanoseconds from there
   */
  static long[] time(byte[] text) throws ImageException {
    boolean negative = text.length > 0 && text[0] == '-';
    int from = negative ? 1 : 0;
    int dot = from;
    while (dot < text.length && text[dot] != '.') {
      dot++;
    }
    long seconds = decimal(text, from, dot);
    byte[] fraction = new byte[9];
    Arrays.fill(fraction, (byte) '0');
    int digits = Math.max(0, text.length - dot - 1);
    System.arraycopy(text, Math.min(dot + 1, text.length), fraction, 0, Math.min(9, digits));
    long nanos = decimal(fraction);
    if (!negative) {
      return new long[] {seconds, nanos};
    }
    return nanos == 0 ? new long[] {-seconds, 0} : new long[] {-seconds - 1, 1_000_000_000 - nanos};
  }

  private static ImageException broken(byte[] text, int from, int to) {
    byte[] shown = Arrays.copyOfRange(text, from, Math.min(to, from + 40));
    return malformed("\"" + Printable.of(shown) + "\" is not a number");
  }
}
