package dev.lamina.layer;

/**
 * CRC-32C of something from the checksums of its parts, so that holes need not be read: a checksum
 * is a remainder of polynomials over GF(2), and what follows {@code n} bytes further on multiplies
 * it by x^8n. Takes as many steps as {@code n} has bits.
 */
final class Crc32cOfParts {
  /** Castagnoli's polynomial, the lowest power in the highest bit, x^32 left away (RFC 3720). */
  private static final int POLYNOMIAL = 0x82f63b78;

  private static final int ONE = 1 << 31;
  private static final int X_TO_8 = 1 << 23;

  private Crc32cOfParts() {}

  /** Of what has the checksum {@code first}, and then {@code length} bytes with {@code second}. */
  static long joined(long first, long second, long length) {
    return Integer.toUnsignedLong(multiply(power(length), (int) first) ^ (int) second);
  }

  /** Of what has the checksum {@code first}, and then so many zeros. */
  static long withZeros(long first, long zeros) {
    int none = ~0;
    return joined(first, ~multiply(power(zeros), none), zeros);
  }

  /** x^8n. */
  private static int power(long n) {
    int power = ONE;
    int square = X_TO_8;
    for (long left = n; left > 0; left >>>= 1) {
      if ((left & 1) != 0) {
        power = multiply(power, square);
      }
      square = multiply(square, square);
    }
    return power;
  }

  private static int multiply(int a, int b) {
    int product = 0;
    int shifted = b;
    for (int bit = ONE; bit != 0; bit >>>= 1) {
      if ((a & bit) != 0) {
        product ^= shifted;
      }
      shifted = (shifted & 1) != 0 ? shifted >>> 1 ^ POLYNOMIAL : shifted >>> 1;
    }
    return product;
  }
}
